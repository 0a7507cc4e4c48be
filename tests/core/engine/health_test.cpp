#include "unity/core/engine/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Time kNoon{std::chrono::hours(12)};

RunResult with(RunClass run_class, std::string message = {}) {
  RunResult result;
  result.run_class = run_class;
  result.message = std::move(message);
  return result;
}

TEST(Health, IsHealthyUntilSomethingHappens) {
  const Health health;

  EXPECT_EQ(health.state(), HealthState::healthy);
  EXPECT_THAT(health.reason(), IsEmpty());
  EXPECT_EQ(health.last_run(), std::nullopt);
}

TEST(Health, IsDegradedByErrorsAndCountsThemInARow) {
  Health health;
  health.ran(with(RunClass::ok), kNoon);
  health.ran(with(RunClass::transient, "no route"), kNoon + 1min);
  health.ran(with(RunClass::timeout, "too slow"), kNoon + 2min);

  EXPECT_EQ(health.state(), HealthState::degraded);
  EXPECT_THAT(health.reason(), HasSubstr("timeout"));
  EXPECT_THAT(health.reason(), HasSubstr("too slow"));
  EXPECT_EQ(health.runs(), 3u);
  EXPECT_EQ(health.errors(), 2u);
  EXPECT_EQ(health.consecutive_errors(), 2u);
  EXPECT_EQ(health.last_run(), kNoon + 2min);
  EXPECT_EQ(health.last_success(), kNoon);
}

TEST(Health, SuccessHealsAtOnceButTheLastErrorStaysKnown) {
  Health health;
  health.ran(with(RunClass::transient, "no route"), kNoon);
  health.ran(with(RunClass::ok), kNoon + 1min);

  EXPECT_EQ(health.state(), HealthState::healthy);
  EXPECT_THAT(health.reason(), IsEmpty());
  EXPECT_EQ(health.consecutive_errors(), 0u);
  EXPECT_EQ(health.errors(), 1u);
  EXPECT_EQ(health.last_error(), "no route");
}

TEST(Health, GivesNoReasonWhileHealthyEvenIfThePluginSaysSomething) {
  Health health;
  health.ran(with(RunClass::ok, "all is well"), kNoon);
  EXPECT_THAT(health.reason(), IsEmpty());
}

TEST(Health, APartialRunIsASuccessWithAWarning) {
  Health health;
  health.ran(with(RunClass::partial, "2 of 3 disks"), kNoon);

  EXPECT_EQ(health.state(), HealthState::degraded);
  EXPECT_EQ(health.reason(), "2 of 3 disks");
  EXPECT_EQ(health.errors(), 0u);
  EXPECT_EQ(health.last_success(), kNoon);
}

TEST(Health, IsPausedByErrorsThatTimeDoesNotHealAndSaysWhatToDo) {
  Health config;
  config.ran(with(RunClass::config, "no such host"), kNoon);
  EXPECT_EQ(config.state(), HealthState::paused);
  EXPECT_THAT(config.reason(), HasSubstr("configuration"));
  EXPECT_THAT(config.reason(), HasSubstr("no such host"));

  Health permanent;
  permanent.ran(with(RunClass::permanent, "no such device"), kNoon);
  EXPECT_EQ(permanent.state(), HealthState::paused);
  EXPECT_THAT(permanent.reason(), HasSubstr("no such device"));
}

TEST(Health, ACancelledRunDoesNotCount) {
  Health health;
  health.ran(with(RunClass::transient, "no route"), kNoon);
  health.ran(with(RunClass::cancelled), kNoon + 1min);

  EXPECT_EQ(health.state(), HealthState::degraded);
  EXPECT_EQ(health.runs(), 1u);
  EXPECT_EQ(health.last_run(), kNoon);
}

TEST(Health, IsWedgedUntilTheRunReturns) {
  Health health;
  health.wedged("it ignores its cancellation");
  EXPECT_EQ(health.state(), HealthState::wedged);
  EXPECT_EQ(health.reason(), "it ignores its cancellation");

  health.ran(with(RunClass::timeout, "late"), kNoon);
  EXPECT_EQ(health.state(), HealthState::degraded);
}

TEST(Health, StatesAreOrderedFromBestToWorst) {
  EXPECT_LT(HealthState::healthy, HealthState::degraded);
  EXPECT_LT(HealthState::degraded, HealthState::paused);
  EXPECT_LT(HealthState::paused, HealthState::wedged);
  EXPECT_EQ(to_text(HealthState::paused), "paused");
}

}  // namespace
}  // namespace unity
