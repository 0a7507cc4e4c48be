// A runner whose collectors do what a test says.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/delivery/scripted_delivery.hpp"
#include "runtime/runner.hpp"
#include "support/temp_dir.hpp"

namespace unity::host {

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

inline RunResult emitting(const std::string& text) {
  RunResult result;
  result.emissions.push_back({Emission::Format::ndjson, text, {}});
  return result;
}

// All of it on the test's own thread, which is the control thread while run() lasts.
class RunnerTest : public testing::Test {
 protected:
  ScriptedCollector& add(const std::string& id, Duration interval = std::chrono::hours(1)) {
    auto& scripted = make(id, interval);
    instances_.push_back(std::move(made_));
    return scripted;
  }
  // Leaves the instance in made_.
  ScriptedCollector& make(const std::string& id, Duration interval = std::chrono::hours(1)) {
    Instance instance;
    instance.id = id;
    instance.plugin = "zoo.scripted";
    instance.schedule.interval = interval;
    instance.schedule.retry.delay = std::chrono::milliseconds(1);
    instance.timeout = std::chrono::hours(1);
    instance.cancel_grace = std::chrono::milliseconds(1);
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

}  // namespace unity::host
