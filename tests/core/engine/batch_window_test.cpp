#include "unity/core/engine/batch_window.hpp"

#include <gtest/gtest.h>

namespace unity {
namespace {

using namespace std::chrono_literals;

constexpr Instant at(Duration since) { return Instant(1h + since); }

TEST(BatchWindow, IsNotDueWhileNothingWaits) {
  BatchWindow window(10, 5s, 7);

  window.arrived(7, at(0s));

  EXPECT_FALSE(window.due());
}

TEST(BatchWindow, IsFullWhenABatchOfItsSizeWaits) {
  BatchWindow window(10, 5s, 7);
  EXPECT_FALSE(window.full());
  window.arrived(16, Instant(1s));
  EXPECT_FALSE(window.full());
  window.arrived(17, Instant(2s));
  EXPECT_TRUE(window.full());
  window.taken(8);
  EXPECT_FALSE(window.full());
}

TEST(BatchWindow, IsDueAtOnceWithoutATimeout) {
  BatchWindow window(10, 0s, 0);

  window.arrived(1, at(1s));

  EXPECT_EQ(window.due(), at(1s));
}

TEST(BatchWindow, IsDueWhenTheOldestHasWaitedLongEnough) {
  BatchWindow window(10, 5s, 0);

  window.arrived(1, at(1s));
  window.arrived(3, at(2s));

  EXPECT_EQ(window.due(), at(6s));
}

TEST(BatchWindow, IsDueAtOnceWhenItIsFull) {
  BatchWindow window(10, 5s, 100);
  window.arrived(109, at(1s));
  EXPECT_EQ(window.due(), at(6s));

  window.arrived(110, at(2s));

  EXPECT_LE(window.due(), at(2s));
}

TEST(BatchWindow, KnowsWhenWhatAFullBatchLeftBehindCame) {
  BatchWindow window(10, 5s, 0);
  window.arrived(9, at(1s));
  window.arrived(12, at(3s));

  window.taken(10);

  EXPECT_EQ(window.due(), at(8s));
  window.taken(12);
  EXPECT_FALSE(window.due());
}

TEST(BatchWindow, MayHaveTakenMoreThanItWasToldOf) {
  BatchWindow window(10, 5s, 0);
  window.arrived(2, at(1s));
  window.taken(5);
  EXPECT_FALSE(window.due());

  window.arrived(4, at(2s));
  EXPECT_FALSE(window.due());
  window.arrived(6, at(3s));
  EXPECT_EQ(window.due(), at(8s));
}

TEST(BatchWindow, IsEarlyRatherThanLateBeyondItsBound) {
  BatchWindow window(1'000'000, 5s, 0);
  for (std::uint64_t i = 1; i <= 1000; ++i) window.arrived(i, at(i * 1ms));

  window.taken(999);

  ASSERT_TRUE(window.due());
  EXPECT_LT(*window.due(), at(6s));
}

}  // namespace
}  // namespace unity
