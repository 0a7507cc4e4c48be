#include "unity/core/engine/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "core/support/schedule.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRoom = 100;
constexpr InstanceId kCpu = 1;
constexpr InstanceId kDisk = 2;
constexpr InstanceId kNet = 3;

ScheduleSpec hashed(Duration interval, std::uint64_t hash) {
  ScheduleSpec spec;
  spec.interval = interval;
  spec.slot_hash = hash;
  return spec;
}

// Instances 1, 2, … that share a target and come a millisecond after one another.
void add_asking_one_router(Schedule& schedule, InstanceId count) {
  auto spec = aligned(10s);
  spec.target = "router";
  for (InstanceId id = 1; id <= count; ++id) schedule.add(id, spec, kStart + id * 1ms);
}

// Where in its interval the second run of an instance falls, on the wall clock.
Duration offset_of_slot(const ScheduleSpec& spec, Instant start, Duration since_epoch) {
  Schedule schedule(start, since_epoch);
  schedule.add(kCpu, spec, start);
  schedule.take_due(start, kRoom);
  schedule.finished(kCpu, {}, start);
  return (since_epoch + (*next_run(schedule, kCpu) - start)) % spec.interval;
}

TEST(Schedule, StartsTheFirstRunWhenItIsTold) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, hashed(1min, 7), kStart + 300ms);

  EXPECT_TRUE(schedule.take_due(kStart + 299ms, kRoom).empty());
  const auto due = schedule.take_due(kStart + 301ms, kRoom);

  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].id, kCpu);
  EXPECT_EQ(due[0].due, kStart + 300ms);
  EXPECT_EQ(due[0].trigger, Trigger::schedule);
}

TEST(Schedule, LeavesAtLeastHalfAnIntervalBetweenTheFirstRunAndItsSlots) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    Schedule schedule(kStart, kSinceEpoch);
    schedule.add(kCpu, hashed(1min, spread(i)), kStart);
    schedule.take_due(kStart, kRoom);
    schedule.finished(kCpu, {}, kStart + 1ms);

    const auto gap = *next_run(schedule, kCpu) - kStart;
    EXPECT_GT(gap, 30s);
    EXPECT_LE(gap, 90s + 1ns);
  }
}

TEST(Schedule, KeepsTheSlotOfAnInstanceAcrossRestarts) {
  const auto spec = hashed(1min, spread(42));

  const auto before = offset_of_slot(spec, kStart, kSinceEpoch);
  const auto after = offset_of_slot(spec, Instant(77s), kSinceEpoch + 12345678ms);

  EXPECT_EQ(before, after);
  const auto hashed_to = Duration(static_cast<Duration::rep>(spread(42) % 60'000'000'000u));
  EXPECT_EQ(before, hashed_to - hashed_to % 100ms);
}

TEST(Schedule, TellsTheNextSlotOfWhatItStarts) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart);

  EXPECT_EQ(schedule.take_due(kStart, kRoom).at(0).next_slot, kStart + 10s);
}

TEST(Schedule, GivesDifferentInstancesDifferentSlots) {
  std::set<Duration> offsets;
  for (std::uint64_t i = 0; i < 100; ++i) {
    offsets.insert(offset_of_slot(hashed(1h, spread(i)), kStart, kSinceEpoch));
  }
  EXPECT_EQ(offsets.size(), 100u);
}

TEST(Schedule, SpreadsAThousandInstancesEvenlyOverTheInterval) {
  std::array<int, 10> tenths{};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto offset = offset_of_slot(hashed(1min, spread(i)), kStart, kSinceEpoch);
    ++tenths.at(static_cast<std::size_t>(offset / 6s));
  }
  for (const int count : tenths) EXPECT_NEAR(count, 100, 40);
}

TEST(Schedule, AlignsSlotsToWholeMultiplesOfTheWallClock) {
  auto spec = hashed(15min, spread(1));
  spec.align = true;
  EXPECT_EQ(offset_of_slot(spec, kStart, kSinceEpoch + 123s), 0s);
}

TEST(Schedule, NeitherDriftsNorLeavesTheBoundsOfItsJitter) {
  auto spec = hashed(1s, spread(3));
  spec.jitter = 300ms;
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, spec, kStart);
  schedule.take_due(kStart, kRoom);
  schedule.finished(kCpu, {}, kStart + 10ms);
  // The slot itself is where an instance without jitter would run.
  auto plain = spec;
  plain.jitter = 0s;
  Schedule exact(kStart, kSinceEpoch);
  exact.add(kCpu, plain, kStart);
  exact.take_due(kStart, kRoom);
  exact.finished(kCpu, {}, kStart);
  auto slot = *next_run(exact, kCpu);

  Duration least = 1h;
  Duration most = 0s;
  for (int i = 0; i < 100'000; ++i, slot += 1s) {
    const auto now = *next_run(schedule, kCpu);
    least = std::min(least, now - slot);
    most = std::max(most, now - slot);
    ASSERT_EQ(schedule.take_due(now, kRoom).size(), 1u) << i;
    schedule.finished(kCpu, {}, now + 20ms);
  }

  EXPECT_GE(least, 0s);
  EXPECT_LT(least, 10ms);
  EXPECT_LE(most, 300ms);
  EXPECT_GT(most, 290ms);
  EXPECT_EQ(schedule.missed(kCpu, slot), 0u);
}

TEST(Schedule, CountsASlotAsMissedOnlyWhenTheNextOneComes) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart);
  schedule.take_due(kStart, kRoom);

  EXPECT_TRUE(schedule.take_due(kStart + 10s, kRoom).empty());
  EXPECT_EQ(schedule.missed(kCpu, kStart + 10s), 0u);
  EXPECT_TRUE(schedule.take_due(kStart + 20s - 1ns, kRoom).empty());
  EXPECT_EQ(schedule.missed(kCpu, kStart + 20s - 1ns), 0u);
  EXPECT_TRUE(schedule.take_due(kStart + 20s, kRoom).empty());
  EXPECT_EQ(schedule.missed(kCpu, kStart + 20s), 1u);
  EXPECT_TRUE(schedule.take_due(kStart + 30s, kRoom).empty());
  EXPECT_EQ(schedule.missed(kCpu, kStart + 30s), 2u);
}

TEST(Schedule, TakesTheNextSlotAfterAnOverlongRun) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart);
  schedule.take_due(kStart, kRoom);

  schedule.finished(kCpu, {}, kStart + 35s);

  EXPECT_EQ(next_run(schedule, kCpu), kStart + 40s);
  EXPECT_EQ(schedule.missed(kCpu, kStart + 35s), 3u);  // of 10 s, 20 s and 30 s
}

TEST(Schedule, CoalescesTheSlotsOfAnOverlongRunIntoOneIfToldTo) {
  Schedule schedule(kStart, kSinceEpoch);
  auto spec = aligned(10s);
  spec.on_overrun = OnOverrun::coalesce;
  schedule.add(kCpu, spec, kStart);
  schedule.take_due(kStart, kRoom);

  schedule.finished(kCpu, {}, kStart + 35s);
  const auto due = schedule.take_due(kStart + 35s, kRoom);

  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].due, kStart + 30s);
  EXPECT_EQ(schedule.missed(kCpu, kStart + 35s), 2u);  // of 10 s and 20 s
  schedule.finished(kCpu, {}, kStart + 36s);
  EXPECT_TRUE(schedule.take_due(kStart + 36s, kRoom).empty());
  EXPECT_EQ(next_run(schedule, kCpu), kStart + 40s);
}

TEST(Schedule, ARunThatEndsOnASlotIsFollowedByThatSlot) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart);
  schedule.take_due(kStart, kRoom);

  schedule.finished(kCpu, {}, kStart + 20s);

  EXPECT_EQ(schedule.missed(kCpu, kStart + 20s), 1u);
  EXPECT_EQ(next_run(schedule, kCpu), kStart + 20s);
}

TEST(Schedule, StartsOneRunWhenAskedManyIntervalsLate) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart);

  const auto due = schedule.take_due(kStart + 95s, kRoom);

  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].due, kStart + 90s);
  EXPECT_EQ(schedule.missed(kCpu, kStart + 95s), 9u);
}

TEST(Schedule, GivesLittleRoomToTheLongestDue) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart + 2s);
  schedule.add(kDisk, aligned(10s), kStart + 1s);
  schedule.add(kNet, aligned(10s), kStart + 3s);

  const auto first = schedule.take_due(kStart + 5s, 1);
  const auto others = schedule.take_due(kStart + 5s, 5);

  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].id, kDisk);
  ASSERT_EQ(others.size(), 2u);
  EXPECT_EQ(others[0].id, kCpu);
  EXPECT_EQ(others[1].id, kNet);
}

TEST(Schedule, CountsWhatWaitsForRoomAsMissedOnlyWhenItsNextSlotComes) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart);

  EXPECT_TRUE(schedule.take_due(kStart + 9s, 0).empty());
  EXPECT_EQ(schedule.missed(kCpu, kStart + 9s), 0u);
  EXPECT_TRUE(schedule.take_due(kStart + 10s, 0).empty());
  EXPECT_EQ(schedule.missed(kCpu, kStart + 10s), 1u);
  EXPECT_EQ(schedule.take_due(kStart + 11s, 1).size(), 1u);
  EXPECT_EQ(schedule.missed(kCpu, kStart + 11s), 1u);
}

TEST(Schedule, KnowsWhenItWillNextHaveSomethingToGive) {
  Schedule schedule(kStart, kSinceEpoch);
  EXPECT_EQ(schedule.next_due(), std::nullopt);
  schedule.add(kCpu, aligned(10s), kStart + 2s);
  schedule.add(kDisk, aligned(10s), kStart + 1s);

  EXPECT_EQ(schedule.next_due(), kStart + 1s);
  schedule.take_due(kStart + 1s, kRoom);
  EXPECT_EQ(schedule.next_due(), kStart + 2s);
  EXPECT_EQ(next_run(schedule, kDisk), std::nullopt);
  schedule.take_due(kStart + 2s, kRoom);
  EXPECT_EQ(schedule.next_due(), std::nullopt);

  schedule.finished(kDisk, {}, kStart + 3s);
  EXPECT_EQ(schedule.next_due(), kStart + 10s);
  EXPECT_EQ(next_run(schedule, kDisk), kStart + 10s);
}

// An interval of a second beside many of an hour, with room for one run at a time.
TEST(Schedule, LittleRoomDoesNotStarveShortIntervals) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(0, aligned(1s), kStart);
  for (InstanceId id = 1; id <= 20; ++id) schedule.add(id, aligned(30s), kStart);
  int runs = 0;

  for (auto now = kStart; now < kStart + 10min; now += 2s) {  // each run takes two seconds
    const auto due = schedule.take_due(now, 1);
    ASSERT_EQ(due.size(), 1u);
    if (due[0].id == 0) ++runs;
    schedule.finished(due[0].id, {}, now + 2s);
  }

  EXPECT_GE(runs, 300 / 21);  // its turn in the line, each time around
}

TEST(Schedule, CountsWhatWasMissedForWantOfRoomApart) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart);
  schedule.take_due(kStart + 25s, kRoom);
  EXPECT_EQ(schedule.missed_for_room(), 2u);

  schedule.finished(kCpu, {}, kStart + 58s);

  EXPECT_EQ(schedule.missed_for_room(), 2u);
  EXPECT_EQ(schedule.missed(kCpu, kStart + 58s), 2u + 3u);
}

TEST(Schedule, RunsNoMoreInstancesOfATargetThanAllowed) {
  Schedule schedule(kStart, kSinceEpoch, 1);
  schedule.add(0, aligned(10s), kStart + 3ms);
  add_asking_one_router(schedule, 3);

  const auto first = schedule.take_due(kStart + 1s, kRoom);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].id, 1u);
  EXPECT_EQ(first[1].id, 0u);  // has no target
  EXPECT_EQ(schedule.next_due(), std::nullopt);

  schedule.finished(1, {}, kStart + 2s);
  const auto second = schedule.take_due(kStart + 2s, kRoom);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].id, 2u);

  schedule.finished(2, {}, kStart + 3s);
  const auto third = schedule.take_due(kStart + 3s, kRoom);
  ASSERT_EQ(third.size(), 1u);
  EXPECT_EQ(third[0].id, 3u);
}

TEST(Schedule, WhoGivesUpTheTurnAtATargetLeavesItToTheNext) {
  Schedule schedule(kStart, kSinceEpoch, 1);
  add_asking_one_router(schedule, 4);
  schedule.take_due(kStart + 1s, kRoom);
  schedule.finished(1, {}, kStart + 2s);  // it is 2's turn, but there is no room

  schedule.hold(2);
  EXPECT_EQ(schedule.next_due(), kStart + 3ms);
  schedule.remove(3);
  ASSERT_EQ(schedule.take_due(kStart + 3s, kRoom).size(), 1u);
}

TEST(Schedule, SlotsThatPassWhileRecordsAreBeingAcceptedAreNotForWantOfRoom) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart);
  schedule.take_due(kStart, kRoom);

  schedule.finished(kCpu, {}, kStart + 1s, kStart + 35s);
  schedule.take_due(kStart + 55s, kRoom);  // and then there was no room for 20 s

  EXPECT_EQ(schedule.missed(kCpu, kStart + 55s), 4u);
  EXPECT_EQ(schedule.missed_for_room(), 2u);
}

TEST(Schedule, AnInstanceThatWaitsForItsTargetCanBeRemoved) {
  Schedule schedule(kStart, kSinceEpoch, 1);
  add_asking_one_router(schedule, 3);
  schedule.take_due(kStart + 1s, kRoom);

  schedule.remove(2);
  schedule.finished(1, {}, kStart + 2s);

  const auto due = schedule.take_due(kStart + 2s, kRoom);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].id, 3u);
}

TEST(Schedule, WaitingForTheAcceptanceOfARunIsNoOverrun) {
  Schedule schedule(kStart, kSinceEpoch);
  schedule.add(kCpu, aligned(10s), kStart);
  schedule.take_due(kStart, kRoom);

  schedule.finished(kCpu, {}, kStart + 1s);  // told so at 25 s only

  EXPECT_EQ(schedule.missed(kCpu, kStart + 25s), 1u);  // that of 10 s; that of 20 s waits
  EXPECT_EQ(schedule.take_due(kStart + 25s, kRoom).at(0).due, kStart + 20s);
}

// Runs of any length, with little room: what is due either runs or is counted.
TEST(Schedule, AccountsForEverySlotWhateverTheRunsDo) {
  const std::array<Duration, 5> intervals{1s, 1500ms, 2s, 7s, 30s};
  std::mt19937 random(20260131);
  Schedule schedule(kStart, kSinceEpoch);
  for (InstanceId id = 0; id < 5; ++id) {
    auto spec = hashed(intervals[id], spread(id));
    if (id % 2 == 1) spec.jitter = intervals[id] / 3;
    if (id % 3 == 1) spec.on_overrun = OnOverrun::coalesce;
    schedule.add(id, spec, kStart);
  }
  std::array<std::uint64_t, 5> runs{};
  std::set<InstanceId> running;
  Instant now = kStart;

  for (int step = 0; step < 10'000; ++step) {
    now += std::chrono::milliseconds(random() % 800);
    if (!running.empty() && random() % 3 != 0) {
      const auto id = *std::next(running.begin(), static_cast<int>(random() % running.size()));
      running.erase(id);
      schedule.finished(id, {}, now);
    }
    for (const auto& due : schedule.take_due(now, 2 - running.size())) {
      ASSERT_TRUE(running.insert(due.id).second) << "two runs of " << due.id;
      ASSERT_LE(due.due, now);
      ASSERT_GT(due.due, now - 2 * intervals[due.id]);
      ++runs[due.id];
    }
    ASSERT_LE(running.size(), 2u);
  }

  for (InstanceId id = 0; id < 5; ++id) {
    const auto slots = (now - kStart) / intervals[id];
    EXPECT_NEAR(static_cast<double>(runs[id] + schedule.missed(id, now)),
                static_cast<double>(slots), 3)
        << id;
    EXPECT_GT(runs[id], 0u);
  }
}

}  // namespace
}  // namespace unity
