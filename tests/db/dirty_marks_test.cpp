// When a writer marks an hour as changed.
#include "rollup/dirty_marks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/records.hpp"

namespace unity::db {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kNow = 100 * kHour + 600;  // ten minutes past the hour

class Marks : public testing::Test {
 protected:
  // What is marked for a batch at a time, both in seconds, and that it was stored.
  std::vector<std::int64_t> write(std::vector<std::int64_t> seconds, std::int64_t now) {
    std::vector<Time> times;
    for (const auto second : seconds) times.push_back(test::at_second(second));
    std::vector<std::int64_t> hours;
    for (const auto hour : marks_.due(times, test::at_second(now))) {
      hours.push_back(hour.time_since_epoch().count() / 1'000'000 / kHour);
    }
    return hours;
  }
  std::vector<std::int64_t> store(std::vector<std::int64_t> seconds, std::int64_t now) {
    const auto hours = write(std::move(seconds), now);
    marks_.commit();
    return hours;
  }

  DirtyMarks marks_;
};

TEST_F(Marks, AnHourThatGoesOnIsMarkedOnceAMinute) {
  EXPECT_THAT(store({kNow}, kNow), ElementsAre(100));
  EXPECT_THAT(store({kNow + 1}, kNow + 1), IsEmpty());
  EXPECT_THAT(store({kNow + 59}, kNow + 59), IsEmpty());
  EXPECT_THAT(store({kNow + 60}, kNow + 60), ElementsAre(100));
}

TEST_F(Marks, AnHourThatIsOverIsMarkedEachTime) {
  EXPECT_THAT(store({kNow - kHour, kNow - kHour + 1}, kNow), ElementsAre(99));
  EXPECT_THAT(store({kNow - kHour}, kNow), ElementsAre(99));
}

TEST_F(Marks, AnHourIsMarkedOnceMoreWhenItIsOver) {
  store({kNow}, kNow);
  EXPECT_THAT(store({101 * kHour}, 101 * kHour), ElementsAre(100, 101));
  EXPECT_THAT(store({101 * kHour + 1}, 101 * kHour + 1), IsEmpty());
}

TEST_F(Marks, WhatWasNotStoredIsMarkedAgain) {
  EXPECT_THAT(write({kNow}, kNow), ElementsAre(100));
  EXPECT_THAT(store({kNow}, kNow), ElementsAre(100));
}

TEST_F(Marks, AClockThatIsSetBackMarksAgain) {
  store({kNow}, kNow);
  EXPECT_THAT(store({kNow}, kNow - 30), ElementsAre(100));
}

TEST_F(Marks, HoursBefore1970AreHours) { EXPECT_THAT(store({-1}, kNow), ElementsAre(-1)); }

}  // namespace
}  // namespace unity::db
