#include "unity/core/engine/pace.hpp"

#include <gtest/gtest.h>

namespace unity {
namespace {

using namespace std::chrono_literals;

constexpr PacePolicy kNeverPaused{.pause_after = 0};

TEST(Pace, OneFailureAmongManyChangesNothing) {
  Pace pace;
  for (int i = 0; i < 20; ++i) pace.slot_ended(kNeverPaused, i % 10 != 0);
  EXPECT_EQ(pace.factor(), 1);
  EXPECT_EQ(pace.reason(1min), "");
}

TEST(Pace, StretchesStepByStepUpToItsCeilingAndComesBack) {
  Pace pace;
  int before = 1;
  for (int i = 0; i < 100; ++i) {
    pace.slot_ended(kNeverPaused, false);
    EXPECT_GE(pace.factor(), before);
    EXPECT_LE(pace.factor(), before + 1);
    before = pace.factor();
  }
  EXPECT_EQ(before, kNeverPaused.stretch_max);

  int successes = 0;
  for (; pace.factor() > 1; ++successes) pace.slot_ended(kNeverPaused, true);
  EXPECT_LE(successes, 8);
}

TEST(Pace, IsNotStretchedIfThePolicySaysSo) {
  Pace pace;
  for (int i = 0; i < 50; ++i) pace.slot_ended({.pause_after = 0, .stretch_max = 1}, false);
  EXPECT_EQ(pace.factor(), 1);
}

TEST(Pace, PausesAfterSoManyFailuresInARow) {
  const PacePolicy policy{.pause_after = 3};
  Pace pace;
  EXPECT_FALSE(pace.slot_ended(policy, false));
  EXPECT_FALSE(pace.slot_ended(policy, false));
  EXPECT_FALSE(pace.slot_ended(policy, true));
  EXPECT_FALSE(pace.slot_ended(policy, false));
  EXPECT_FALSE(pace.slot_ended(policy, false));
  EXPECT_TRUE(pace.slot_ended(policy, false));
}

TEST(Pace, ProbesAreNeverCloserThanAMinuteOrTheInterval) {
  const PacePolicy policy;
  const Pace pace;
  EXPECT_EQ(pace.probe_delay(policy, 100ms), 1min);
  EXPECT_EQ(pace.probe_delay(policy, 1min), 10min);
  EXPECT_EQ(pace.probe_delay(policy, 30min), 1h);
  EXPECT_EQ(pace.probe_delay(policy, 7 * 24h), 7 * 24h);
}

TEST(Pace, ProbesGetRarerUpToABound) {
  const PacePolicy policy;
  Pace pace;
  for (const Duration delay :
       std::initializer_list<Duration>{1min, 2min, 4min, 8min, 16min, 32min, 60min, 60min}) {
    EXPECT_EQ(pace.probe_delay(policy, 1s), delay);
    pace.probe_failed();
  }
  for (int i = 0; i < 1000; ++i) pace.probe_failed();
  EXPECT_EQ(pace.probe_delay(policy, 1s), 1h);
}

}  // namespace
}  // namespace unity
