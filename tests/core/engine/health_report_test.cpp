#include "unity/core/engine/health_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/support/schedule.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr InstanceId kCpu = 0;

// One instance whose runs end as a test says.
class ConditionTest : public testing::Test {
 protected:
  explicit ConditionTest() {
    auto spec = aligned(1min);
    spec.retry.count = 0;
    spec.pace.pause_after = 7;
    schedule_.add(kCpu, spec, kStart);
  }
  void run(RunClass run_class, const std::string& message = {}) {
    now_ = next_run(schedule_, kCpu).value_or(now_);
    ASSERT_EQ(schedule_.take_due(now_, 1).size(), 1u);
    auto result = ended(run_class);
    result.message = message;
    schedule_.finished(kCpu, result, now_);
    health_.ran(result, {});
  }
  HealthReport condition() const { return report_of(health_, schedule_.view(kCpu, now_), now_); }

  Instant now_ = kStart;
  Schedule schedule_{kStart, kSinceEpoch};
  Health health_;
};

TEST_F(ConditionTest, IsHealthyWithoutAWord) {
  run(RunClass::ok);
  EXPECT_EQ(condition().state, HealthState::healthy);
  EXPECT_EQ(condition().reason, "");
}

TEST_F(ConditionTest, SaysWhenTheNextTryIsAndHowManyFailed) {
  for (int i = 0; i < 4; ++i) run(RunClass::transient, "no route");
  now_ += 10s;

  EXPECT_EQ(condition().state, HealthState::degraded);
  EXPECT_EQ(condition().reason,
            "next try in 2m50s; 4 failures in a row; it runs every 3m instead of every 1m, because "
            "59 % of its last runs failed; transient error: no route");
}

TEST_F(ConditionTest, AStretchedInstanceIsDegradedEvenIfItsLastRunSucceeded) {
  for (int i = 0; i < 4; ++i) run(RunClass::transient, "no route");
  run(RunClass::ok);

  EXPECT_EQ(condition().state, HealthState::degraded);
  EXPECT_THAT(condition().reason, HasSubstr("it runs every 2m instead of every 1m"));
}

TEST_F(ConditionTest, ExplainsAPauseAfterManyFailures) {
  for (int i = 0; i < 7; ++i) run(RunClass::transient, "no route");

  EXPECT_EQ(condition().state, HealthState::paused);
  EXPECT_THAT(condition().reason, HasSubstr("paused after 7 slots failed in a row; next try in "
                                            "10m; 7 failures in a row; "));
  EXPECT_THAT(condition().reason, HasSubstr("no route"));

  run(RunClass::ok);
  EXPECT_EQ(condition().state, HealthState::healthy);
}

TEST_F(ConditionTest, ExplainsWhoPausedItAndWhatToDo) {
  schedule_.hold(kCpu);
  EXPECT_EQ(condition().state, HealthState::paused);
  EXPECT_THAT(condition().reason, HasSubstr("unity resume"));
}

TEST_F(ConditionTest, AnErrorThatTimeDoesNotHealGivesNoNextTry) {
  run(RunClass::permanent, "no such device");
  EXPECT_EQ(condition().state, HealthState::paused);
  EXPECT_THAT(condition().reason, testing::Not(HasSubstr("next try")));
  EXPECT_THAT(condition().reason, HasSubstr("no such device"));

  schedule_.release(kCpu, now_);
  EXPECT_EQ(condition().state, HealthState::degraded);
  EXPECT_THAT(condition().reason, HasSubstr("next try at once"));
}

TEST_F(ConditionTest, AWedgedRunIsTheWorst) {
  schedule_.hold(kCpu);
  health_.wedged("its run did not return");
  EXPECT_EQ(condition().state, HealthState::wedged);
  EXPECT_EQ(condition().reason, "its run did not return");
}

}  // namespace
}  // namespace unity
