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
    auto spec = aligned(interval);
    spec.jitter = jitter;
    spec.retry = {.count = 3, .delay = 1s, .backoff = 2, .delay_max = 5min};
    schedule_.add(kCpu, spec, kStart);
  }

  // Runs what is due at `at`; false if nothing is.
  bool run(Instant at, const RunResult& result, Trigger trigger = Trigger::schedule) {
    const auto due = schedule_.take_due(at, 10);
    if (due.empty()) return false;
    EXPECT_EQ(due[0].trigger, trigger);
    schedule_.finished(kCpu, result, at);
    return true;
  }

  Instant next() const { return schedule_.next_run(kCpu).value_or(Instant()); }

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
  EXPECT_EQ(schedule_.missed(kCpu), 0u);
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
  add(10s);
  ASSERT_EQ(schedule_.take_due(kStart, 1).size(), 1u);

  schedule_.finished(kCpu, ended(RunClass::timeout), kStart + 12s);

  EXPECT_EQ(next(), kStart + 10s);
  EXPECT_TRUE(run(kStart + 12s, {}, Trigger::schedule));
  EXPECT_EQ(schedule_.missed(kCpu), 0u);
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
  EXPECT_EQ(schedule_.missed(kCpu), 0u);
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

  EXPECT_EQ(schedule_.missed(kCpu), 1u);  // of 10 s; that of 20 s was waiting and is given up
  EXPECT_EQ(next(), kStart + 90s);
}

TEST_F(ScheduleOutcome, DefersAfterAnAuthErrorForTheLongestDelay) {
  add(10s);

  ASSERT_TRUE(run(kStart, ended(RunClass::auth)));

  EXPECT_EQ(next(), kStart + 5min);
  EXPECT_TRUE(run(kStart + 5min, {}));
  EXPECT_EQ(schedule_.missed(kCpu), 0u);
}

TEST_F(ScheduleOutcome, ParksAfterAnErrorThatTimeDoesNotHeal) {
  for (const auto run_class : {RunClass::config, RunClass::permanent}) {
    Schedule schedule(kStart, kSinceEpoch);
    schedule.add(kCpu, aligned(10s), kStart);
    schedule.take_due(kStart, 1);

    schedule.finished(kCpu, ended(run_class), kStart + 1s);

    EXPECT_TRUE(schedule.parked(kCpu));
    EXPECT_EQ(schedule.next_run(kCpu), std::nullopt);
    EXPECT_EQ(schedule.next_due(), std::nullopt);
    EXPECT_TRUE(schedule.take_due(kStart + 1h, 1).empty());
    EXPECT_EQ(schedule.missed(kCpu), 0u);
  }
}

TEST_F(ScheduleOutcome, ACancelledRunIsNotRetried) {
  add(10s);

  ASSERT_TRUE(run(kStart, ended(RunClass::cancelled)));

  EXPECT_FALSE(schedule_.parked(kCpu));
  EXPECT_EQ(next(), kStart + 10s);
}

}  // namespace
}  // namespace unity
