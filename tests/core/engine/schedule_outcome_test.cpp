// What the end of a run does to the schedule: retries, deferral, parking.
#include <gtest/gtest.h>

#include "core/support/schedule.hpp"
#include "unity/core/engine/schedule.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;

constexpr InstanceId kCpu = 1;

class ScheduleOutcome : public testing::Test {
 protected:
  void add(Duration interval, Duration jitter = {}) {
    spec_.interval = interval;
    spec_.jitter = jitter;
    schedule_.add(kCpu, spec_, kStart);
  }

  // Runs what is due at `at`; false if nothing is.
  bool run(Instant at, const RunResult& result, Trigger trigger = Trigger::schedule) {
    const auto due = schedule_.take_due(at, 10);
    if (due.empty()) return false;
    EXPECT_EQ(due[0].trigger, trigger);
    schedule_.finished(kCpu, result, at);
    return true;
  }

  Instant next() const { return next_run(schedule_, kCpu).value_or(Instant()); }

  static ScheduleSpec retrying() {
    auto spec = aligned(1min);
    spec.retry = {.count = 3, .delay = 1s, .backoff = 2, .delay_max = 5min};
    return spec;
  }

  ScheduleSpec spec_ = retrying();
  Schedule schedule_{kStart, kSinceEpoch};
};

TEST_F(ScheduleOutcome, RetriesATransientErrorWithGrowingDelaysAndAtMostCountTimes) {
  const auto error = ended(RunClass::transient);
  add(1min);

  ASSERT_TRUE(run(kStart, error));
  EXPECT_EQ(next(), kStart + 1s);
  EXPECT_FALSE(run(kStart + 999ms, error));
  ASSERT_TRUE(run(kStart + 1s, error, Trigger::retry));
  EXPECT_EQ(next(), kStart + 3s);
  ASSERT_TRUE(run(kStart + 3s, error, Trigger::retry));
  EXPECT_EQ(next(), kStart + 7s);
  ASSERT_TRUE(run(kStart + 7s, error, Trigger::retry));
  EXPECT_EQ(next(), kStart + 1min);
  EXPECT_EQ(schedule_.missed(kCpu, kStart + 7s), 0u);
}

TEST_F(ScheduleOutcome, RetriesAnewAfterTheNextRegularRun) {
  const auto error = ended(RunClass::transient);
  add(1min);
  for (const auto after : {0s, 1s, 3s, 7s}) {
    ASSERT_TRUE(run(kStart + after, error, after == 0s ? Trigger::schedule : Trigger::retry));
  }

  ASSERT_TRUE(run(kStart + 1min, error));

  EXPECT_EQ(next(), kStart + 61s);
}

TEST_F(ScheduleOutcome, ASuccessfulRetryReturnsToTheRegularSlot) {
  add(1min);
  ASSERT_TRUE(run(kStart, ended(RunClass::timeout)));

  ASSERT_TRUE(run(kStart + 1s, ended(RunClass::ok), Trigger::retry));

  EXPECT_EQ(next(), kStart + 1min);
  ASSERT_TRUE(run(kStart + 1min, ended(RunClass::ok)));
  EXPECT_EQ(next(), kStart + 2min);
}

TEST_F(ScheduleOutcome, DoesNotRetryIfTheRegularSlotComesFirst) {
  add(10s);
  ASSERT_EQ(schedule_.take_due(kStart, 1).size(), 1u);

  schedule_.finished(kCpu, ended(RunClass::transient), kStart + 9s + 500ms);

  EXPECT_EQ(next(), kStart + 10s);
  EXPECT_TRUE(run(kStart + 10s, {}, Trigger::schedule));
}

TEST_F(ScheduleOutcome, AWaitingSlotComesBeforeARetry) {
  spec_.on_overrun = OnOverrun::coalesce;
  add(10s);
  ASSERT_EQ(schedule_.take_due(kStart, 1).size(), 1u);

  schedule_.finished(kCpu, ended(RunClass::timeout), kStart + 12s);

  EXPECT_EQ(next(), kStart + 10s);
  EXPECT_TRUE(run(kStart + 12s, {}, Trigger::schedule));
  EXPECT_EQ(schedule_.missed(kCpu, kStart + 12s), 0u);
}

TEST_F(ScheduleOutcome, RetriesDoNotMoveTheSlotsUnderJitter) {
  add(1min, 5s);
  ASSERT_TRUE(run(kStart, ended(RunClass::transient)));
  ASSERT_TRUE(run(kStart + 1s, ended(RunClass::ok), Trigger::retry));

  EXPECT_GE(next(), kStart + 1min);
  EXPECT_LE(next(), kStart + 1min + 5s);
}

TEST_F(ScheduleOutcome, APluginThatAsksForTimeIsLeftAloneWithoutMissingSlots) {
  add(10s);

  ASSERT_TRUE(run(kStart, ended(RunClass::transient, 35s)));

  EXPECT_EQ(next(), kStart + 40s);
  EXPECT_FALSE(run(kStart + 39s, {}));
  EXPECT_TRUE(run(kStart + 40s, {}, Trigger::schedule));
  EXPECT_EQ(schedule_.missed(kCpu, kStart + 40s), 0u);
}

TEST_F(ScheduleOutcome, ARequestForLessTimeThanTheSlotIsAwayChangesNothing) {
  add(10s);

  ASSERT_TRUE(run(kStart, ended(RunClass::transient, 3s)));

  EXPECT_EQ(next(), kStart + 10s);
}

TEST_F(ScheduleOutcome, SlotsBeforeTheRequestForTimeAreStillMissed) {
  add(10s);
  ASSERT_EQ(schedule_.take_due(kStart, 1).size(), 1u);

  schedule_.finished(kCpu, ended(RunClass::transient, 1min), kStart + 25s);

  EXPECT_EQ(schedule_.missed(kCpu, kStart + 25s), 2u);  // of 10 s and 20 s
  EXPECT_EQ(next(), kStart + 90s);
}

TEST_F(ScheduleOutcome, DefersAfterAnAuthErrorForTheLongestDelay) {
  add(10s);

  ASSERT_TRUE(run(kStart, ended(RunClass::auth)));

  EXPECT_EQ(next(), kStart + 5min);
  EXPECT_TRUE(run(kStart + 5min, {}));
  EXPECT_EQ(schedule_.missed(kCpu, kStart + 5min), 0u);
}

TEST_F(ScheduleOutcome, ParksAfterAnErrorThatTimeDoesNotHeal) {
  for (const auto run_class : {RunClass::config, RunClass::permanent}) {
    Schedule schedule(kStart, kSinceEpoch);
    schedule.add(kCpu, aligned(10s), kStart);
    schedule.take_due(kStart, 1);

    schedule.finished(kCpu, ended(run_class), kStart + 1s);

    EXPECT_TRUE(schedule.standing(kCpu) == Standing::parked);
    EXPECT_EQ(next_run(schedule, kCpu), std::nullopt);
    EXPECT_EQ(schedule.next_due(), std::nullopt);
    EXPECT_TRUE(schedule.take_due(kStart + 1h, 1).empty());
    EXPECT_EQ(schedule.missed(kCpu, kStart + 1h), 0u);
  }
}

TEST_F(ScheduleOutcome, ACancelledRunIsNotRetried) {
  add(10s);

  ASSERT_TRUE(run(kStart, ended(RunClass::cancelled)));

  EXPECT_FALSE(schedule_.standing(kCpu) == Standing::parked);
  EXPECT_EQ(next(), kStart + 10s);
}

TEST_F(ScheduleOutcome, ARetryThatHadToWaitUntilItsSlotIsTheRunOfThatSlot) {
  add(10s);
  ASSERT_TRUE(run(kStart, ended(RunClass::transient)));

  const auto due = schedule_.take_due(kStart + 11s, 1);  // no room before

  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].trigger, Trigger::schedule);
  EXPECT_EQ(due[0].due, kStart + 10s);
  schedule_.finished(kCpu, {}, kStart + 11s);
  EXPECT_EQ(next(), kStart + 20s);
}

TEST_F(ScheduleOutcome, ARetryThatOutlastsItsSlotIsNotFollowedAtOnce) {
  for (const auto policy : {OnOverrun::skip, OnOverrun::coalesce}) {
    Schedule schedule(kStart, kSinceEpoch);
    spec_.interval = 10s;
    spec_.on_overrun = policy;
    schedule.add(kCpu, spec_, kStart);
    schedule.take_due(kStart, 1);
    schedule.finished(kCpu, ended(RunClass::transient), kStart);
    ASSERT_EQ(schedule.take_due(kStart + 1s, 1).size(), 1u);

    schedule.finished(kCpu, {}, kStart + 12s);

    EXPECT_EQ(next_run(schedule, kCpu), kStart + 20s);
  }
}

TEST_F(ScheduleOutcome, StretchesTheIntervalWithTheErrorRateAndReturns) {
  spec_.retry.count = 0;
  add(10s);
  Duration longest{};
  auto at = kStart;
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(run(at, ended(RunClass::transient)));
    longest = std::max(longest, next() - at);
    at = next();
  }
  EXPECT_EQ(longest, 40s);
  EXPECT_EQ(schedule_.view(kCpu, at).interval, 40s);
  EXPECT_EQ(schedule_.view(kCpu, at).pace_reason,
            "it runs every 40s instead of every 10s, because 87 % of its last runs failed");

  int runs = 0;
  for (; schedule_.stretched(kCpu); ++runs, at = next()) {
    ASSERT_LT(runs, 10);
    ASSERT_TRUE(run(at, {}));
  }
  EXPECT_EQ(next() - (at - 10s), 10s);
  EXPECT_EQ(schedule_.missed(kCpu, at - 10s), 0u);
}

TEST_F(ScheduleOutcome, PausesAfterManyFailedSlotsAndProbesEverMoreRarely) {
  spec_.retry.count = 0;
  spec_.pace = {.pause_after = 3, .stretch_max = 1, .probe_delay_max = 5min};
  add(10s);
  for (const auto at : {0s, 10s, 20s}) ASSERT_TRUE(run(kStart + at, ended(RunClass::transient)));

  EXPECT_EQ(schedule_.standing(kCpu), Standing::probing);
  auto at = kStart + 20s;
  for (const Duration delay : std::initializer_list<Duration>{100s, 200s, 300s, 300s}) {
    EXPECT_EQ(next(), at + delay);
    at = next();
    ASSERT_TRUE(run(at, ended(RunClass::transient), Trigger::probe));
  }
  EXPECT_EQ(schedule_.missed(kCpu, at), 0u);

  at = next();
  ASSERT_TRUE(run(at, {}, Trigger::probe));

  EXPECT_EQ(schedule_.standing(kCpu), Standing::regular);
  EXPECT_EQ(next(), at + 10s);
  EXPECT_EQ(schedule_.view(kCpu, at).failed_slots, 0);
}

TEST_F(ScheduleOutcome, OnlySlotsThatFailWithAllTheirRetriesCountTowardsThePause) {
  spec_.pace.pause_after = 2;
  add(1min);
  for (const auto at : {0min, 1min, 2min}) {
    ASSERT_TRUE(run(kStart + at, ended(RunClass::transient)));
    ASSERT_TRUE(run(kStart + at + 1s, {}, Trigger::retry));
  }
  EXPECT_EQ(schedule_.standing(kCpu), Standing::regular);
}

TEST_F(ScheduleOutcome, RunsAtOnceWhenAnOperatorAsksAndKeepsTheSlots) {
  add(1min);
  ASSERT_TRUE(run(kStart, {}));

  schedule_.run_now(kCpu, kStart + 20s);
  ASSERT_TRUE(run(kStart + 20s, ended(RunClass::transient), Trigger::manual));

  EXPECT_EQ(next(), kStart + 1min);  // neither retried nor moved
}

TEST_F(ScheduleOutcome, AnOperatorsRunComesBeforeWhatWaitsForRoom) {
  add(1min);
  schedule_.add(2, aligned(1min), kStart + 10s);

  schedule_.run_now(2, kStart + 5s);

  EXPECT_EQ(schedule_.take_due(kStart + 5s, 1).at(0).id, 2u);
}

TEST_F(ScheduleOutcome, AnOperatorsRunFollowsTheOneInFlight) {
  add(1min);
  schedule_.take_due(kStart, 1);

  schedule_.run_now(kCpu, kStart + 1s);
  EXPECT_TRUE(schedule_.take_due(kStart + 1s, 1).empty());
  schedule_.finished(kCpu, {}, kStart + 2s);

  EXPECT_TRUE(run(kStart + 2s, {}, Trigger::manual));
}

TEST_F(ScheduleOutcome, ASuccessfulRunByAnOperatorEndsAPause) {
  add(10s);
  ASSERT_TRUE(run(kStart, ended(RunClass::permanent)));
  ASSERT_EQ(schedule_.standing(kCpu), Standing::parked);

  schedule_.run_now(kCpu, kStart + 1min);
  ASSERT_TRUE(run(kStart + 1min, ended(RunClass::transient), Trigger::manual));
  EXPECT_EQ(schedule_.standing(kCpu), Standing::parked);

  schedule_.run_now(kCpu, kStart + 2min);
  ASSERT_TRUE(run(kStart + 2min, {}, Trigger::manual));
  EXPECT_EQ(schedule_.standing(kCpu), Standing::regular);
  EXPECT_EQ(next(), kStart + 2min + 10s);
}

TEST_F(ScheduleOutcome, WhatIsHeldTakesNoSlotsUntilReleasedAndMissesNone) {
  add(10s);
  schedule_.take_due(kStart, 1);
  schedule_.hold(kCpu);
  schedule_.finished(kCpu, {}, kStart + 1s);

  EXPECT_EQ(schedule_.standing(kCpu), Standing::held);
  EXPECT_FALSE(run(kStart + 1h, {}));
  schedule_.run_now(kCpu, kStart + 1h);
  EXPECT_TRUE(run(kStart + 1h, {}, Trigger::manual));
  EXPECT_EQ(schedule_.standing(kCpu), Standing::held);

  schedule_.release(kCpu, kStart + 2h);
  EXPECT_TRUE(run(kStart + 2h, {}));
  EXPECT_EQ(next(), kStart + 2h + 10s);
  EXPECT_EQ(schedule_.missed(kCpu, kStart + 2h), 0u);
}

TEST_F(ScheduleOutcome, AChangedSpecTakesEffectAtOnceAndLiftsAPause) {
  add(1h);
  ASSERT_TRUE(run(kStart, ended(RunClass::config)));

  auto spec = aligned(1min);
  schedule_.change(kCpu, spec, kStart + 5s);

  ASSERT_TRUE(run(kStart + 5s, {}));
  EXPECT_EQ(next(), kStart + 1min);
}

// The clock is set while slots are awaited: neither a burst nor a silence follows.
TEST_F(ScheduleOutcome, FollowsAClockThatWasSet) {
  for (const Duration by : std::initializer_list<Duration>{-1h, 1h, -25s, 25s, 17s}) {
    Schedule schedule(kStart, kSinceEpoch);
    schedule.add(kCpu, aligned(30s), kStart);
    schedule.take_due(kStart, 1);
    schedule.finished(kCpu, {}, kStart);

    const auto now = kStart + 20s;
    schedule.clock_changed(now, kSinceEpoch + 20s + by);

    const auto next = *next_run(schedule, kCpu);
    EXPECT_EQ((kSinceEpoch + (next - kStart) + by) % 30s, 0s);  // aligned to the new clock
    EXPECT_GE(next - kStart, 15s);
    EXPECT_LE(next - now, 30s);
    EXPECT_EQ(schedule.missed(kCpu, now), 0u);
  }
}

TEST_F(ScheduleOutcome, ClockChangesLeaveRetriesProbesAndPausesAlone) {
  add(1min);
  ASSERT_TRUE(run(kStart, ended(RunClass::transient)));

  schedule_.clock_changed(kStart + 500ms, kSinceEpoch + 3h);

  EXPECT_EQ(next(), kStart + 1s);
  EXPECT_TRUE(run(kStart + 1s, {}, Trigger::retry));
}

TEST_F(ScheduleOutcome, FollowsAClockThatIsSlewed) {
  add(10s);
  auto slept = 0ms;
  auto at = kStart;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(run(at, {}));
    slept += 100ms;  // the wall clock runs one per cent fast
    schedule_.anchor(at, kSinceEpoch + (at - kStart) + slept);
    at = next();
  }
  EXPECT_EQ(schedule_.missed(kCpu, at), 0u);
  EXPECT_NEAR(static_cast<double>((at - kStart + slept) / 1ms), 1000e3, 200);
}

}  // namespace
}  // namespace unity
