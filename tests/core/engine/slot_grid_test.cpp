#include "unity/core/engine/slot_grid.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/support/schedule.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;

SlotGrid with(int instances, Duration interval) {
  SlotGrid grid;
  for (int i = 0; i < instances; ++i) grid.add(interval);
  return grid;
}

TEST(SlotGrid, IsWideWhereRunsAreFew) {
  EXPECT_EQ(with(1, 1s).spacing(1s), 100ms);
  EXPECT_EQ(with(250, 1s).spacing(1s), 100ms);
}

TEST(SlotGrid, IsCloserTheMoreRunsThereAreAtOnce) {
  EXPECT_EQ(with(251, 1s).spacing(1s), 50ms);
  EXPECT_EQ(with(500, 1s).spacing(1s), 50ms);
  EXPECT_EQ(with(1'000, 1s).spacing(1s), 20ms);
  EXPECT_EQ(with(1'000'000, 1s).spacing(1s), 5ms);
}

TEST(SlotGrid, CountsRunsNotInstances) { EXPECT_EQ(with(10'000, 1min).spacing(1min), 100ms); }

TEST(SlotGrid, IsAsWideAgainWhenInstancesHaveGone) {
  auto grid = with(10'000, 1s);
  for (int i = 0; i < 9'800; ++i) grid.remove(1s);

  EXPECT_EQ(grid.spacing(1s), 100ms);
}

TEST(SlotGrid, HasAtLeastTenSlotsInAnInterval) {
  const auto grid = with(1, 1s);
  EXPECT_EQ(grid.spacing(999ms), 50ms);
  EXPECT_EQ(grid.spacing(50ms), 5ms);
  EXPECT_EQ(grid.spacing(49ms), 1ns);
}

TEST(SlotGrid, KeepsPlacesOfOneHostAWholeNumberOfSpacingsApart) {
  const auto grid = with(200, 1s);
  std::set<Duration> offsets;
  for (std::uint64_t i = 0; i < 1000; ++i) offsets.insert(grid.offset(1s, spread(i), 77'000'003));

  EXPECT_EQ(offsets.size(), 10u);
  for (const auto offset : offsets) EXPECT_EQ(offset % 100ms, 77'000'003ns);
}

TEST(SlotGrid, GivesHostsDifferentGrids) {
  const auto grid = with(1, 1s);
  EXPECT_NE(grid.offset(1s, 5, spread(1)), grid.offset(1s, 5, spread(2)));
}

TEST(SlotGrid, LeavesEverySlotWithinItsInterval) {
  const auto grid = with(1, 1s);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Duration interval = 1s + Duration(static_cast<Duration::rep>(i) * 7'654'321);
    const auto offset = grid.offset(interval, spread(i), spread(i + 1));
    EXPECT_GE(offset, 0s);
    EXPECT_LT(offset, interval);
  }
}

TEST(SlotGrid, SpreadsShortIntervalsToTheNanosecond) {
  EXPECT_EQ(with(1, 1s).offset(49ms, 1'234'567, 99), 1'234'567ns);
}

}  // namespace
}  // namespace unity
