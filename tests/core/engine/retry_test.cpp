#include "unity/core/engine/retry.hpp"

#include <gtest/gtest.h>

#include "core/support/schedule.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;
using Action = RetryDecision::Action;

constexpr Duration kInterval = 1min;

TEST(Retry, SuccessWaitsForTheRegularSlotAndForgetsTheAttempts) {
  for (const auto run_class : {RunClass::ok, RunClass::partial}) {
    RetryState state{.attempts = 2};

    const auto decision = decide_retry({}, state, ended(run_class), kInterval);

    EXPECT_EQ(decision.action, Action::regular);
    EXPECT_EQ(state.attempts, 0);
  }
}

TEST(Retry, ErrorsThatMayPassAreTriedAgainWithBackOff) {
  const RetryPolicy policy{.count = 4, .delay = 10s, .backoff = 3, .delay_max = 100s};
  for (const auto run_class : {RunClass::transient, RunClass::timeout, RunClass::internal}) {
    RetryState state;
    for (const auto expected : {10s, 30s, 90s, 100s}) {
      const auto decision = decide_retry(policy, state, ended(run_class), kInterval);
      EXPECT_EQ(decision.action, Action::retry);
      EXPECT_EQ(decision.delay, expected);
    }
    EXPECT_EQ(decide_retry(policy, state, ended(run_class), kInterval).action, Action::regular);
  }
}

TEST(Retry, ACountOfZeroNeverRetries) {
  RetryState state;
  EXPECT_EQ(decide_retry({.count = 0}, state, ended(RunClass::transient), kInterval).action,
            Action::regular);
}

TEST(Retry, ManyAttemptsStayAtTheLongestDelay) {
  RetryState state{.attempts = 5000};
  const auto decision =
      decide_retry({.count = 10'000}, state, ended(RunClass::transient), kInterval);
  EXPECT_EQ(decision.delay, 5min);
}

TEST(Retry, WhatThePluginAsksForWinsAndCostsNoAttempt) {
  RetryState state;

  const auto decision = decide_retry({}, state, ended(RunClass::transient, 42s), kInterval);

  EXPECT_EQ(decision.action, Action::defer);
  EXPECT_EQ(decision.delay, 42s);
  EXPECT_EQ(state.attempts, 0);
}

TEST(Retry, AnAuthErrorDefersByTheLongestOfAllDelays) {
  const RetryPolicy policy{.delay_max = 5min};
  const auto delay = [&](Duration retry_after, Duration interval) {
    RetryState state;
    const auto decision = decide_retry(policy, state, ended(RunClass::auth, retry_after), interval);
    EXPECT_EQ(decision.action, Action::defer);
    return decision.delay;
  };

  EXPECT_EQ(delay(0s, 1min), 5min);
  EXPECT_EQ(delay(10min, 1min), 10min);
  EXPECT_EQ(delay(0s, 1h), 1h);
}

TEST(Retry, ErrorsThatTimeDoesNotHealPark) {
  for (const auto run_class : {RunClass::config, RunClass::permanent}) {
    RetryState state;
    EXPECT_EQ(decide_retry({}, state, ended(run_class, 1s), kInterval).action, Action::park);
  }
}

TEST(Retry, ACancelledRunIsNoErrorAndNoSuccess) {
  RetryState state{.attempts = 2};

  const auto decision = decide_retry({}, state, ended(RunClass::cancelled), kInterval);

  EXPECT_EQ(decision.action, Action::regular);
  EXPECT_EQ(state.attempts, 2);
}

}  // namespace
}  // namespace unity
