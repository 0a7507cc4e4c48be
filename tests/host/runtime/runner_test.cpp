// The runs of collectors that are left alone: when they begin, how they end, what is made of them.
#include <gmock/gmock.h>

#include "host/runtime/runner_fixture.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(RunnerTest, RunsTheFirstCollectorAtOnce) {
  auto& collector = add("a");

  start();

  EXPECT_EQ(collector.starts, 1);
}

TEST_F(RunnerTest, HandsOverWhatARunEmittedAndARecordOfItsOwn) {
  add("a").result = emitting(R"({"metric":"m","value":1})");

  start();
  serve_until([&] { return status().health.runs() == 1; });
  ASSERT_TRUE(delivery_.stop(std::chrono::steady_clock::now() + 1h));

  EXPECT_THAT(script_.stored(), ElementsAre("m", "_collection"));
  EXPECT_EQ(delivery_.state().storages[0].accounting.stored, 1u);
  EXPECT_EQ(delivery_.state().host_made, 1u);
}

TEST_F(RunnerTest, RunsACollectorAgainAtItsInterval) {
  auto& collector = add("a", 1ms);

  start();
  serve_until([&] { return collector.starts >= 5; });

  EXPECT_EQ(status().plugin, "zoo.scripted");
  EXPECT_EQ(status().state, HealthState::healthy);
}

TEST_F(RunnerTest, DropsWhatAFailedRunEmitted) {
  auto& collector = add("a");
  collector.result = emitting(R"({"metric":"m","value":1})");
  collector.result.run_class = RunClass::permanent;
  collector.result.message = "no such\ndisk";

  start();
  serve_until([&] { return status().health.runs() == 1; });

  EXPECT_EQ(delivery_.state().storages[0].accounting.collected, 0u);
  EXPECT_EQ(status().state, HealthState::paused);
  EXPECT_THAT(status().reason, HasSubstr("no such disk"));
  EXPECT_EQ(status().next_run, std::nullopt);
}

TEST_F(RunnerTest, TriesAgainBeforeTheNextSlotAfterATransientError) {
  auto& collector = add("a");
  collector.result.run_class = RunClass::transient;
  collector.on_start = [&] { collector.result = RunResult(); };

  start();
  serve_until([&] { return status().health.runs() == 2; });

  EXPECT_EQ(collector.last.trigger, Trigger::retry);
  EXPECT_EQ(status().state, HealthState::healthy);
  EXPECT_EQ(status().health.errors(), 1u);
}

TEST_F(RunnerTest, TakesACancellationThatNobodyAskedForAsAnError) {
  add("a").result.run_class = RunClass::cancelled;

  start();
  serve_until([&] { return status().health.runs() == 1; });

  EXPECT_EQ(status().state, HealthState::degraded);
  EXPECT_THAT(status().reason, HasSubstr("nobody asked for"));
}

TEST_F(RunnerTest, NamesTheCollectorsThatTakeTooLongToDestroy) {
  std::promise<void> gate;
  add("a").gate = gate.get_future().share();
  start();
  serve_until([&] { return status().health.runs() == 1; });
  stop(0s);

  EXPECT_THAT(runner_->destroy_collectors(std::chrono::steady_clock::now()), ElementsAre("a"));

  gate.set_value();
}

TEST_F(RunnerTest, StartsNoMoreRunsThanItsBound) {
  auto& first = add("a", 1ms);
  auto& second = add("b", 1ms);
  first.holds = true;

  start(1);
  loop_.context().poll();
  EXPECT_EQ(second.starts, 0);

  first.holds = false;
  std::exchange(first.held, nullptr)->ended(RunResult());
  serve_until([&] { return second.starts > 0; });
}

TEST_F(RunnerTest, HandsOverShortRunsBeyondItsBoundToWaitForAThread) {
  auto& first = add("a", 1ms);
  auto& second = add("b", 1ms);
  start(1);
  serve_until([&] { return first.starts > 1 && second.starts > 1; });  // so they are known as short

  first.holds = true;
  const auto served = second.starts;
  serve_until([&] { return first.held != nullptr && second.starts > served; });
  std::exchange(first.held, nullptr)->ended(RunResult());
}

TEST_F(RunnerTest, HandsOverAShortRunBeforeItsTimeAndCanRevokeIt) {
  auto& collector = add("a", 1s);
  start();
  serve_until_early(collector);
  const auto runs = status().health.runs();
  EXPECT_FALSE(status().running);
  EXPECT_TRUE(status().next_run.has_value());

  ASSERT_TRUE(runner_->pause("a"));
  EXPECT_EQ(collector.held->began(), std::nullopt);
  RunResult cancelled;
  cancelled.run_class = RunClass::cancelled;
  std::exchange(collector.held, nullptr)->ended(cancelled);

  EXPECT_THAT(stop(1h), IsEmpty());
  EXPECT_EQ(status().health.runs(), runs);
  EXPECT_EQ(collector.cancels, 0);
}

TEST_F(RunnerTest, CountsTheTimeoutFromWhenTheRunBegan) {
  auto& collector = add("a");
  collector.waits = true;
  instances_[0].timeout = 1ms;
  auto& other = add("b", 1ms);
  start();
  const auto served = other.starts;
  serve_until([&] { return other.starts >= served + 20; });  // in which the timeout passes
  EXPECT_EQ(collector.cancels, 0);

  collector.held->began();
  serve_until([&] { return collector.cancels == 1; });
  std::exchange(collector.held, nullptr)->ended(RunResult());
  serve_until([&] { return status().health.runs() == 1; });
  EXPECT_THAT(status().reason, HasSubstr("timeout error"));
}

TEST_F(RunnerTest, CancelsARunAtItsDeadlineAndCountsItAsATimeout) {
  auto& collector = add("a");
  collector.holds = true;
  collector.heeds_cancel = true;
  instances_[0].timeout = 1ms;
  instances_[0].cancel_grace = 1h;

  start();
  serve_until([&] { return status().health.runs() == 1; });

  EXPECT_EQ(collector.cancels, 1);
  EXPECT_THAT(status().reason, HasSubstr("timeout error"));
}

TEST_F(RunnerTest, LeavesAWedgedRunAloneAndGoesOn) {
  auto& hanging = add("hanging");
  hanging.holds = true;
  instances_[0].timeout = 1ms;
  auto& other = add("other", 1ms);

  start(1);
  serve_until([&] { return status().state == HealthState::wedged; });
  EXPECT_THAT(status().reason, HasSubstr("did not return"));
  const int before = other.starts;
  serve_until([&] { return other.starts >= before + 3; });

  EXPECT_EQ(hanging.starts, 1);
  EXPECT_THAT(stop(1h), ElementsAre("hanging"));
}

TEST_F(RunnerTest, TakesAWedgedCollectorBackWhenItReturns) {
  auto& hanging = add("hanging", 1ms);
  hanging.holds = true;
  instances_[0].timeout = 1ms;

  start();
  serve_until([&] { return status().state == HealthState::wedged; });
  hanging.holds = false;
  std::exchange(hanging.held, nullptr)->ended(RunResult());
  serve_until([&] { return hanging.starts >= 3; });

  EXPECT_NE(status().state, HealthState::wedged);
}

TEST_F(RunnerTest, StopsAtOnceWhenNothingRuns) {
  add("a");
  start();
  serve_until([&] { return status().health.runs() == 1; });

  EXPECT_THAT(stop(1h), IsEmpty());
}

TEST_F(RunnerTest, WaitsAtItsEndForARunThatHeedsItsCancellation) {
  auto& collector = add("a");
  collector.holds = true;
  collector.heeds_cancel = true;
  start();

  EXPECT_THAT(stop(1h), IsEmpty());
  EXPECT_EQ(collector.cancels, 1);
}

TEST_F(RunnerTest, NamesAtItsEndTheRunsThatDoNotReturn) {
  add("a").holds = true;
  start();

  EXPECT_THAT(stop(1ms), ElementsAre("a"));
}

TEST_F(RunnerTest, KeepsWhatARunEmitsWithinTheGraceOfTheEnd) {
  auto& collector = add("a");
  collector.holds = true;
  collector.on_cancel = [&] {
    std::exchange(collector.held, nullptr)->ended(emitting(R"({"metric":"m","value":1})"));
  };
  start();

  EXPECT_THAT(stop(1h), IsEmpty());
  ASSERT_TRUE(delivery_.stop(std::chrono::steady_clock::now() + 1h));
  EXPECT_EQ(delivery_.state().storages[0].accounting.stored, 1u);
}

TEST_F(RunnerTest, StartsNoRunOnceItStops) {
  auto& collector = add("a", 1ms);
  start();
  serve_until([&] { return collector.starts >= 2; });

  stop(1h);
  const int at_stop = collector.starts;
  loop_.context().poll();

  EXPECT_EQ(collector.starts, at_stop);
}

TEST_F(RunnerTest, CountsTheIdsOfRunsFromWhereItIsTold) {
  const auto& one = add("a");
  const auto& other = add("b");
  options_.first_run_id = std::uint64_t{7} << 40 | 1;

  start();
  serve_until([&] { return one.starts == 1 && other.starts == 1; });

  EXPECT_THAT(std::vector({one.last.id, other.last.id}),
              UnorderedElementsAre(options_.first_run_id, options_.first_run_id + 1));
}

TEST_F(RunnerTest, MakesNoRecordOfItsOwnIfToldSo) {
  add("a").result = emitting(R"({"metric":"m","value":1})");
  options_.run_metrics = false;

  start();
  serve_until([&] { return status().health.runs() == 1; });
  ASSERT_TRUE(delivery_.stop(std::chrono::steady_clock::now() + 1h));

  EXPECT_THAT(script_.stored(), ElementsAre("m"));
}

TEST_F(RunnerTest, CountsWhatRunsCost) {
  auto& collector = add("a", 1ms);
  collector.result.took = 3ms;
  collector.result.cpu = 2ms;

  start();
  serve_until([&] { return status().health.runs() == 5; });

  EXPECT_GE(status().took_p99, 3ms);
  EXPECT_LT(status().took_p99, 4ms);
  EXPECT_EQ(status().cpu, 10ms);
  EXPECT_EQ(runner_->schedule_status().lateness.count(), 5u);
}

}  // namespace
}  // namespace unity::host
