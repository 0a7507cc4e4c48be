// What operators and a new configuration do to the collectors of a runner.
#include <gmock/gmock.h>

#include <algorithm>

#include "host/runtime/runner_fixture.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

class Counting : public Processor {
 public:
  explicit Counting(int& seen) : seen_(seen) {}
  Verdict process(Record&, const RunContext&) override {
    ++seen_;
    return {};
  }

 private:
  int& seen_;
};

// Its manifest may not know what the other's pipeline speaks of.
TEST_F(RunnerTest, AVersionThatIsTakenBackTakesAlongWhatWasMeantForIt) {
  auto& older = add("a", 1ms);
  older.result = emitting(R"({"metric":"m","value":1})");
  start();
  serve_until([&] { return status().health.runs() >= 1; });
  auto& newer = make("a", 1ms);
  newer.holds = true;
  std::vector<InstanceChange> changes;
  changes.push_back({InstanceChange::Kind::replace, std::move(made_)});
  changes.back().on_trial = true;
  runner_->apply(std::move(changes));
  serve_until([&] { return newer.held != nullptr; });
  int seen = 0;
  std::vector<Pipeline::Stage> stages;
  stages.push_back({"counting", std::make_unique<Counting>(seen), {}});
  make("a", 1ms);
  made_.collector.reset();
  made_.pipeline = std::make_unique<Pipeline>(made_.origin, std::move(stages));
  change(InstanceChange::Kind::replace);

  RunResult failure;
  failure.run_class = RunClass::internal;
  const auto runs = status().health.runs();
  std::exchange(newer.held, nullptr)->ended(std::move(failure));
  serve_until([&] { return status().health.runs() >= runs + 3; });

  EXPECT_EQ(seen, 0) << "the older version has the pipeline of the newer one";
  EXPECT_THAT(status().notice, HasSubstr("rolled back"));
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
