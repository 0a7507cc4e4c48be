#include "runtime/runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>

#include "host/delivery/scripted_delivery.hpp"
#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Completes each run at once with what the test says, or holds it until it is let go.
class ScriptedCollector : public Collector {
 public:
  ~ScriptedCollector() override {
    if (gate.valid()) gate.wait();
  }

  void start(const Run& run, RunListener& listener) override {
    ++starts;
    last = run;
    if (!waits) listener.began();
    if (holds || waits) {
      held = &listener;
    } else {
      listener.ended(result);
    }
    if (on_start) on_start();
  }
  void cancel() override {
    ++cancels;
    if (held && heeds_cancel) {
      RunResult cancelled;
      cancelled.run_class = RunClass::cancelled;
      std::exchange(held, nullptr)->ended(cancelled);
    }
    if (on_cancel) on_cancel();
  }

  RunResult result;
  bool holds = false;  // its runs do not end by themselves
  bool waits = false;  // nor do they begin
  bool heeds_cancel = false;
  std::shared_future<void> gate;  // its destruction waits for this
  std::function<void()> on_start;
  std::function<void()> on_cancel;
  RunListener* held = nullptr;
  Run last;
  int starts = 0;
  int cancels = 0;
};

// Saves its own text, and tells what it was given to restore.
class Remembering : public Processor {
 public:
  Remembering(std::string own, std::string& restored) : own_(std::move(own)), restored_(restored) {}
  Verdict process(Record&, const RunContext&) override { return {}; }
  std::string save() const override { return own_; }
  void restore(std::string_view saved) override { restored_ = saved; }

 private:
  std::string own_;
  std::string& restored_;
};

RunResult emitting(const std::string& text) {
  RunResult result;
  result.emissions.push_back({Emission::Format::ndjson, text, {}});
  return result;
}

// All of it on the test's own thread, which is the control thread while run() lasts.
class RunnerTest : public testing::Test {
 protected:
  ScriptedCollector& add(const std::string& id, Duration interval = 1h) {
    auto& scripted = make(id, interval);
    instances_.push_back(std::move(made_));
    return scripted;
  }
  // Leaves the instance in made_.
  ScriptedCollector& make(const std::string& id, Duration interval = 1h) {
    Instance instance;
    instance.id = id;
    instance.plugin = "zoo.scripted";
    instance.schedule.interval = interval;
    instance.schedule.retry.delay = 1ms;
    instance.timeout = 1h;
    instance.cancel_grace = 1ms;
    instance.origin = std::make_shared<const Origin>(Origin{"box", "zoo.scripted", id});
    instance.pipeline = std::make_unique<Pipeline>(instance.origin, std::vector<Pipeline::Stage>());
    auto collector = std::make_unique<ScriptedCollector>();
    auto& scripted = *collector;
    instance.collector = std::move(collector);
    made_ = std::move(instance);
    return scripted;
  }
  void change(InstanceChange::Kind kind) {
    std::vector<InstanceChange> changes;
    changes.push_back({kind, std::move(made_)});
    runner_->apply(std::move(changes));
  }
  // Asks for a run and waits for its end.
  Result<RunOutcome> run_now(const std::string& id, std::optional<Duration> if_older = {}) {
    std::optional<Result<RunOutcome>> outcome;
    const auto asked =
        runner_->run_now(id, if_older, [&](const Result<RunOutcome>& got) { outcome = got; });
    if (!asked) return asked.error();
    serve_until([&] { return outcome.has_value(); });
    return *outcome;
  }

  void start(std::size_t max_concurrent = 10) {
    options_.max_concurrent = max_concurrent;
    runner_ = std::make_unique<Runner>(loop_, pool_, delivery_, std::move(instances_), options_);
    runner_->start();
  }
  // Until a run is handed over before its time; on a busy machine, not the first of them is.
  void serve_until_early(ScriptedCollector& collector) {
    collector.waits = true;
    serve_until([&] {
      if (collector.held == nullptr) return false;
      if (collector.last.timing.not_before != Instant()) return true;
      collector.held->began();
      std::exchange(collector.held, nullptr)->ended(RunResult());
      return false;
    });
  }
  // Serves the loop until `done`; each handler that runs may change that.
  void serve_until(const std::function<bool()>& done) {
    while (!done()) loop_.context().run_one();
  }
  InstanceStatus status(std::size_t index = 0) { return runner_->status().at(index); }
  std::vector<std::string> stop(Duration grace) {
    std::optional<std::vector<std::string>> running;
    runner_->stop(grace, [&](std::vector<std::string> ids) { running = std::move(ids); });
    serve_until([&] { return running.has_value(); });
    return *running;
  }

  test::TempDir temp_;
  StorageScript script_;
  EventLoop loop_;
  WorkerPool pool_{1};
  std::unique_ptr<Delivery> owned_ = open_delivery(temp_.path(), script_);
  Delivery& delivery_ = *owned_;
  std::vector<Instance> instances_;
  Instance made_;
  RunnerOptions options_;
  std::unique_ptr<Runner> runner_;
};

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
  collector.result.message = "no such disk";

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
  auto& collector = add("a", 1ms);
  options_.first_run_id = std::uint64_t{7} << 40 | 1;

  start();
  EXPECT_EQ(collector.last.id, options_.first_run_id);
  serve_until([&] { return collector.starts >= 2; });

  EXPECT_EQ(collector.last.id, options_.first_run_id + 1);
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

TEST_F(RunnerTest, RunsACollectorWhenAskedAndTellsHowItWent) {
  auto& collector = add("a");
  start();
  serve_until([&] { return status().health.runs() == 1; });

  collector.result = emitting(R"({"metric":"m","value":1})");
  const auto outcome = run_now("a");

  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->run_class, RunClass::ok);
  EXPECT_EQ(outcome->records, 1u);
  EXPECT_FALSE(outcome->fresh);
  EXPECT_EQ(collector.last.trigger, Trigger::manual);
}

TEST_F(RunnerTest, DoesNotRunWhatSucceededLatelyIfThatIsFreshEnough) {
  auto& collector = add("a");
  start();
  serve_until([&] { return status().health.runs() == 1; });

  const auto outcome = run_now("a", 1h);

  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->fresh);
  EXPECT_EQ(collector.starts, 1);
  ASSERT_TRUE(run_now("a", 0s));
  EXPECT_EQ(collector.starts, 2);
}

TEST_F(RunnerTest, SuggestsTheNearestIdForOneItDoesNotKnow) {
  add("memory");
  start();

  const auto outcome = run_now("memroy");

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::not_found);
  EXPECT_THAT(outcome.error().message, HasSubstr("did you mean \"memory\"?"));
}

TEST_F(RunnerTest, APausedCollectorRunsOnlyWhenAskedUntilItIsResumed) {
  auto& collector = add("a", 1ms);
  auto& other = add("b", 1ms);
  options_.paused = {"a"};

  start();
  serve_until([&] { return other.starts >= 5; });
  EXPECT_EQ(collector.starts, 0);
  EXPECT_EQ(status().state, HealthState::paused);
  EXPECT_TRUE(run_now("a"));
  EXPECT_EQ(collector.starts, 1);
  EXPECT_THAT(runner_->paused(), ElementsAre("a"));

  ASSERT_TRUE(runner_->resume("a"));
  serve_until([&] { return collector.starts >= 3; });
  ASSERT_TRUE(runner_->pause("b"));
  EXPECT_THAT(runner_->paused(), ElementsAre("b"));
}

TEST_F(RunnerTest, APauseOutlivesTheRemovalOfItsCollector) {
  auto& first = add("a");
  add("b", 1ms);
  start();
  serve_until([&] { return first.starts == 1 && !status().running; });
  ASSERT_TRUE(runner_->pause("a"));
  make("a");
  change(InstanceChange::Kind::remove);
  EXPECT_THAT(runner_->paused(), ElementsAre("a"));

  auto& again = make("a");
  change(InstanceChange::Kind::add);

  EXPECT_EQ(status().id, "a");
  EXPECT_EQ(status().state, HealthState::paused);
  EXPECT_EQ(again.starts, 0);
}

TEST_F(RunnerTest, TellsWhoWaitsForARunThatItWillNotCome) {
  auto& collector = add("a");
  collector.holds = true;
  start();
  std::optional<Result<RunOutcome>> outcome;
  ASSERT_TRUE(runner_->run_now("a", {}, [&](const Result<RunOutcome>& got) { outcome = got; }));

  ASSERT_TRUE(runner_->pause("a"));

  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->error().code, Errc::refused);
}

TEST_F(RunnerTest, AddsACollectorWhileItRuns) {
  add("a");
  start();

  auto& added = make("b", 1ms);
  change(InstanceChange::Kind::add);
  serve_until([&] { return added.starts >= 3; });

  EXPECT_EQ(status(1).id, "b");
}

TEST_F(RunnerTest, CancelsTheRunOfACollectorThatItRemoves) {
  auto& collector = add("a");
  collector.holds = true;
  collector.heeds_cancel = true;
  add("b", 1ms);
  start();

  make("a");
  change(InstanceChange::Kind::remove);
  EXPECT_EQ(runner_->status().size(), 1u);
  serve_until([&] { return status().health.runs() >= 2; });

  EXPECT_EQ(status().id, "b");
  EXPECT_THAT(stop(1h), IsEmpty());
}

TEST_F(RunnerTest, GivesThePlaceOfARemovedCollectorToAnother) {
  add("a");
  start();
  serve_until([&] { return status().health.runs() == 1; });
  make("a");
  change(InstanceChange::Kind::remove);

  auto& added = make("b", 1ms);
  change(InstanceChange::Kind::add);
  serve_until([&] { return added.starts >= 3; });

  EXPECT_EQ(status().id, "b");
  EXPECT_EQ(runner_->status().size(), 1u);
}

TEST_F(RunnerTest, ReplacesACollectorOnceItsRunHasEndedAndKeepsItsCounts) {
  auto& old = add("a");
  old.holds = true;
  start();

  auto& fresh = make("a", 1ms);
  change(InstanceChange::Kind::replace);
  EXPECT_EQ(old.cancels, 1);
  EXPECT_EQ(fresh.starts, 0);
  std::exchange(old.held, nullptr)->ended(RunResult());
  serve_until([&] { return fresh.starts >= 3; });

  EXPECT_GE(status().health.runs(), 3u);
}

TEST_F(RunnerTest, ANewIntervalAloneKeepsTheCollector) {
  auto& collector = add("a");
  start();
  serve_until([&] { return status().health.runs() == 1; });

  make("a", 1ms);
  made_.collector = nullptr;
  made_.pipeline = nullptr;
  change(InstanceChange::Kind::replace);
  serve_until([&] { return collector.starts >= 4; });

  EXPECT_EQ(collector.cancels, 0);
}

TEST_F(RunnerTest, AScheduleThatIsTheSameIsLeftAlone) {
  auto& collector = add("a");
  start();
  serve_until([&] { return status().health.runs() == 1; });

  make("a");
  made_.collector = nullptr;
  made_.pipeline = nullptr;
  made_.timeout = 5s;
  change(InstanceChange::Kind::replace);

  EXPECT_EQ(collector.starts, 1) << "the next run is not brought forward";
}

TEST_F(RunnerTest, ANewPipelineTakesOverWhatTheOldOneRemembersUnlessToldToForget) {
  add("a");
  std::string memory;
  const auto remembering = [&](const char* own) {
    std::vector<Pipeline::Stage> stages;
    stages.push_back({"remembering", std::make_unique<Remembering>(own, memory), {}});
    return std::make_unique<Pipeline>(instances_.empty() ? made_.origin : instances_[0].origin,
                                      std::move(stages));
  };
  instances_[0].pipeline = remembering("first");
  start();
  serve_until([&] { return status().health.runs() == 1; });

  make("a");
  made_.pipeline = remembering("second");
  change(InstanceChange::Kind::replace);
  EXPECT_EQ(memory, "first");

  memory.clear();
  make("a");
  made_.pipeline = remembering("third");
  serve_until([&] { return status().health.runs() == 2; });
  std::vector<InstanceChange> changes;
  changes.push_back({InstanceChange::Kind::replace, std::move(made_), true});
  runner_->apply(std::move(changes));
  EXPECT_EQ(memory, "");
}

TEST_F(RunnerTest, ReplacesAWedgedCollectorAtOnce) {
  auto& hanging = add("a");
  hanging.holds = true;
  instances_[0].timeout = 1ms;
  start();
  serve_until([&] { return status().state == HealthState::wedged; });

  auto& fresh = make("a", 1ms);
  change(InstanceChange::Kind::replace);
  serve_until([&] { return fresh.starts >= 3; });

  EXPECT_THAT(stop(1h), ElementsAre("a"));  // the old one still hangs
}

TEST_F(RunnerTest, StartPoliciesDecideWhatAFailingFirstRunLeadsTo) {
  std::string fatal;
  options_.on_fatal = [&](const std::string& reason) { fatal = reason; };
  const auto failing = [&](const std::string& id, OnStartError policy, RunClass run_class) {
    auto& collector = add(id);
    instances_.back().on_start_error = policy;
    instances_.back().schedule.retry.count = 0;
    collector.result.run_class = run_class;
    collector.result.message = "no such disk";
  };
  failing("error", OnStartError::error, RunClass::config);
  failing("patient", OnStartError::error, RunClass::transient);
  failing("retry", OnStartError::retry, RunClass::transient);
  failing("ignore", OnStartError::ignore, RunClass::permanent);
  failing("probe", OnStartError::probe, RunClass::transient);

  start();
  serve_until([&] {
    const auto all = runner_->status();
    return std::all_of(all.begin(), all.end(), [](const auto& i) { return i.health.runs() == 1; });
  });

  EXPECT_THAT(fatal, HasSubstr("collector error cannot start"));
  EXPECT_EQ(status(1).state, HealthState::degraded);
  EXPECT_EQ(status(2).state, HealthState::degraded);
  for (const std::size_t off : {3, 4}) {
    EXPECT_EQ(status(off).state, HealthState::paused);
    EXPECT_THAT(status(off).reason, HasSubstr("`on_start_error` switched it off"));
  }
  EXPECT_THAT(runner_->paused(), IsEmpty());
}

TEST_F(RunnerTest, WhoWaitsForARunIsToldThatTheFirstOneSwitchedTheCollectorOff) {
  auto& collector = add("a");
  instances_.back().on_start_error = OnStartError::probe;
  instances_.back().schedule.retry.count = 0;
  collector.holds = true;
  start();
  std::optional<Result<RunOutcome>> outcome;
  ASSERT_TRUE(
      runner_->run_now("a", {}, [&](const Result<RunOutcome>& got) { outcome.emplace(got); }));

  RunResult failed;
  failed.run_class = RunClass::transient;
  std::exchange(collector.held, nullptr)->ended(failed);
  serve_until([&] { return outcome.has_value(); });

  ASSERT_FALSE(*outcome);
  EXPECT_THAT(outcome->error().message, HasSubstr("switched it off"));
}

TEST_F(RunnerTest, AReloadDoesNotStartWhatAnOperatorPaused) {
  auto& collector = add("a");
  instances_.back().on_start_error = OnStartError::probe;
  instances_.back().schedule.retry.count = 0;
  collector.result.run_class = RunClass::transient;
  start();
  serve_until([&] { return status().health.runs() == 1; });
  ASSERT_TRUE(runner_->pause("a"));

  make("a");
  made_.timeout = 2h;
  made_.collector = nullptr;
  change(InstanceChange::Kind::replace);

  EXPECT_EQ(status().state, HealthState::paused);
  EXPECT_EQ(status().next_run, std::nullopt);
}

TEST_F(RunnerTest, ResumesARevokedRunAtOnce) {
  auto& collector = add("a", 1s);
  start();
  serve_until_early(collector);
  ASSERT_TRUE(runner_->pause("a"));
  ASSERT_TRUE(runner_->resume("a"));

  collector.waits = false;
  const auto starts = collector.starts;
  EXPECT_EQ(collector.held->began(), std::nullopt);
  RunResult cancelled;
  cancelled.run_class = RunClass::cancelled;
  std::exchange(collector.held, nullptr)->ended(cancelled);
  serve_until([&] { return collector.starts == starts + 1; });

  EXPECT_EQ(collector.last.timing.not_before, Instant());
}

}  // namespace
}  // namespace unity::host
