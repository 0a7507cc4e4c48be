#include "unity/core/engine/write_retry.hpp"

#include <gtest/gtest.h>

namespace unity {
namespace {

using namespace std::chrono_literals;
using Action = WriteDecision::Action;

constexpr double kNoJitter = 1.0;

TEST(WriteRetry, WaitsLongerAfterEachFailureUpToABound) {
  WriteRetry retry;

  EXPECT_EQ(retry.failed(Errc::unavailable, 10, kNoJitter).delay, 100ms);
  EXPECT_EQ(retry.failed(Errc::unavailable, 10, kNoJitter).delay, 200ms);
  EXPECT_EQ(retry.failed(Errc::unavailable, 10, kNoJitter).delay, 400ms);
  for (int i = 0; i < 100; ++i) retry.failed(Errc::unavailable, 10, kNoJitter);
  EXPECT_EQ(retry.failed(Errc::unavailable, 10, kNoJitter).delay, 30s);
}

TEST(WriteRetry, NeverGivesUpOnWhatIsUnavailable) {
  WriteRetry retry;

  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(retry.failed(Errc::unavailable, 1, kNoJitter).action, Action::retry);
  }
  EXPECT_EQ(retry.circuit(), Circuit::open);
}

TEST(WriteRetry, SpreadsItsAttemptsByTheJitter) {
  WriteRetry early;
  WriteRetry late;

  EXPECT_EQ(early.failed(Errc::unavailable, 1, 0.0).delay, 50ms);
  EXPECT_EQ(late.failed(Errc::unavailable, 1, 0.5).delay, 75ms);
}

TEST(WriteRetry, OpensTheCircuitAfterSomeFailuresAndClosesItAtOnce) {
  WriteRetry retry;
  for (std::uint64_t i = 1; i < WriteRetry::kOpenAfter; ++i) {
    retry.failed(Errc::unavailable, 1, kNoJitter);
    EXPECT_EQ(retry.circuit(), Circuit::closed);
  }

  retry.failed(Errc::unavailable, 1, kNoJitter);
  EXPECT_EQ(retry.circuit(), Circuit::open);
  retry.succeeded();

  EXPECT_EQ(retry.circuit(), Circuit::closed);
  EXPECT_EQ(retry.failed(Errc::unavailable, 1, kNoJitter).delay, 100ms);
}

TEST(WriteRetry, SplitsABatchThatHoldsABadRecordUntilItStandsAlone) {
  WriteRetry retry;

  EXPECT_EQ(retry.failed(Errc::invalid, 8, kNoJitter).action, Action::split);
  EXPECT_EQ(retry.failed(Errc::invalid, 1, kNoJitter).action, Action::reject);
  EXPECT_EQ(retry.failures(), 0u);  // the storage is well
}

TEST(WriteRetry, PausesAStorageThatTimeAloneDoesNotMend) {
  WriteRetry retry;

  const auto decision = retry.failed(Errc::refused, 5, kNoJitter);

  EXPECT_EQ(decision.action, Action::retry);
  EXPECT_EQ(decision.delay, WriteRetry::kPause);
  EXPECT_EQ(retry.circuit(), Circuit::paused);
}

TEST(WriteRetry, PausesAfterFiveAttemptsAtAnErrorThatNobodyKnows) {
  WriteRetry retry;

  for (std::uint64_t i = 0; i < WriteRetry::kUnknownMax; ++i) {
    EXPECT_NE(retry.failed(Errc::internal, 5, kNoJitter).delay, WriteRetry::kPause);
  }
  EXPECT_EQ(retry.failed(Errc::internal, 5, kNoJitter).delay, WriteRetry::kPause);
  EXPECT_EQ(retry.circuit(), Circuit::paused);
}

}  // namespace
}  // namespace unity
