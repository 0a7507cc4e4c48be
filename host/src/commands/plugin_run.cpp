// `unity plugin run`: one plugin, without a host configuration or a database. Prints what its
// collector emits, as emitted (counters are not turned into rates), checked against the manifest.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <future>
#include <iostream>
#include <thread>

#include "app/instances.hpp"
#include "base/scratch_dir.hpp"
#include "base/table.hpp"
#include "base/wall_clock.hpp"
#include "commands/support.hpp"
#include "config/load_options.hpp"
#include "log/log.hpp"
#include "runtime/worker_pool.hpp"
#include "unity/core/json/record_writer.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// In a row of a dataset, it is the type of the column.
bool has_unit(const Record& record, const Field& field) {
  return !record.is_row && !field.unit.empty() && field.unit != "1";
}

void print_record(const Record& record, bool json) {
  if (json) {
    print(json::to_json(record) + "\n");
    return;
  }
  std::string line = record.metric;
  for (const auto& [key, value] : record.tags) line += fmt::format(" {}={}", key, value);
  line += ":";
  for (const auto& field : record.fields) {
    const auto* text = std::get_if<std::string>(&field.value);
    line += fmt::format(" {}={}{}", field.name,
                        text != nullptr ? *text : fmt::format("{}", as_double(field.value)),
                        has_unit(record, field) ? " " + field.unit.text() : "");
  }
  print(line + "\n");
}

// Prints what a run emits, checked against the manifest.
class Printer {
 public:
  Printer(Pipeline checks, bool json) : checks_(std::move(checks)), json_(json) {}

  void print(const std::vector<Emission>& emissions, Time started) {
    const auto output = checks_.process(emissions, {started, steady_clock::now()});
    for (const auto& record : output.records) print_record(record, json_);
    for (const auto& bad : output.rejected) {
      std::cerr << fmt::format("rejected ({}): {}: {}\n", bad.reason, bad.detail, bad.payload);
    }
    std::fflush(stdout);
    records_ += output.collected;
    rejected_ += output.rejected.size();
  }

  // The last line of a run; the exit code that it comes to.
  int conclude(const RunResult& result) {
    const auto took = std::chrono::duration<double, std::milli>(result.took).count();
    const bool ended_by_us = result.run_class == RunClass::cancelled && records_ > 0;
    if (!succeeded(result.run_class) && !ended_by_us) {
      std::cerr << fmt::format("run failed after {:.2f} ms: {} error: {}\n", took,
                               unity::to_text(result.run_class), result.message);
      return kExitFailed;
    }
    if (!ended_by_us && !result.message.empty()) {
      std::cerr << "warning: " << result.message << "\n";
    }
    std::cerr << fmt::format("{} records in {:.2f} ms, {} rejected\n", records_, took, rejected_);
    const bool good = rejected_ == 0;
    records_ = 0;
    rejected_ = 0;
    return good ? kExitDone : kExitFailed;
  }

 private:
  Pipeline checks_;
  bool json_;
  std::uint64_t records_ = 0;
  std::size_t rejected_ = 0;
};

// One run, on the only thread of a pool; or a stream, on one of its own.
class OneRun final : public RunListener {
 public:
  OneRun(Duration timeout, Printer& printer)
      : deadline_(steady_clock::now() + timeout), printer_(printer) {}
  std::optional<Instant> began() override { return deadline_; }
  void emitted(std::vector<Emission> emissions, std::function<void()> done) override {
    printer_.print(emissions, wall_now());
    done();
    const Instant now = steady_clock::now();
    if (first_.load() == Instant()) first_ = now;
    last_ = now;
  }
  void ended(RunResult result) override { result_.set_value(std::move(result)); }

  // Ends the process if the collector does not return even when cancelled.
  RunResult wait(Collector& collector, Duration grace, bool once) {
    auto result = result_.get_future();
    if (!collector.streams()) {
      result.wait_until(deadline_);
    } else if (!once) {
      result.wait();
    } else {
      // Its first records are enough, with what follows at once.
      while (steady_clock::now() < deadline_ && !has_enough() &&
             result.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) {
      }
    }
    if (result.wait_for(Duration::zero()) != std::future_status::ready) {
      collector.cancel();
      if (result.wait_for(grace) != std::future_status::ready) {
        std::cerr << "unity: the collector did not return after its timeout, nor within "
                  << to_text(grace) << " of being cancelled\n";
        ::_exit(kExitFailed);
      }
    }
    return result.get();
  }
  Time started() const { return started_; }

 private:
  bool has_enough() const {
    if (first_.load() == Instant()) return false;
    const Instant now = steady_clock::now();
    return now - last_.load() > std::chrono::milliseconds(200) ||
           now - first_.load() > std::chrono::seconds(1);
  }

  Time started_ = wall_now();
  Instant deadline_;
  Printer& printer_;
  std::atomic<Instant> first_{};  // of what a stream emitted, and the last
  std::atomic<Instant> last_{};
  std::promise<RunResult> result_;
};

}  // namespace

int plugin_run_command(const PluginRunOptions& options) {
  start_logging(LogLevel::info);
  auto file = read_plugin_file(options.file);
  if (!file) return report(file.error());

  OptionsOutcome given;
  given.instance.emplace();
  if (options.instance_config) given = load_options(*options.instance_config);
  std::cerr << render(given.diagnostics, given.sources);
  if (!given.instance) return kExitBadConfig;

  // The same checks as in a host with this one collector.
  Config config;
  auto instance = *given.instance;
  instance.id = "run";
  instance.plugin = file->manifest.id;
  instance.collector = options.collector;
  instance.timeout = config.collection.collection_timeout;
  for (const auto& secret : options.secrets) {
    const auto equals = secret.find('=');
    if (equals == secret.npos) {
      std::cerr << "unity: --secret must be NAME=FILE\n";
      return kExitUsage;
    }
    SecretConfig named;
    named.name = secret.substr(0, equals);
    named.source = SecretConfig::Source::file;
    named.place = secret.substr(equals + 1);
    config.secrets.push_back(std::move(named));
  }
  config.collectors = {instance};
  PluginSet plugins;
  plugins.by_id.emplace(file->manifest.id, std::move(*file));
  Diagnostics diagnostics;
  const auto plans = plan_instances(config, plugins, diagnostics);
  if (const auto mistakes = diagnostics.take(given.sources); !mistakes.empty()) {
    std::cerr << render(mistakes, given.sources);
    return kExitBadConfig;
  }

  WorkerPool pool(1);
  auto scratch = ScratchDir::make();
  if (!scratch) return report(scratch.error());
  PluginStores stores;
  PluginHost host(Workers::Options{worker_binary(), scratch->path(), 0, false}, stores,
                  [&pool](std::function<void()> task, const RunTiming& timing) {
                    pool.post(std::move(task), timing);
                  });
  if (auto secrets = stores.secrets.replace(config.secrets); !secrets) {
    return report(secrets.error());
  }
  if (const auto loadable = host.load(plans); !loadable) return report(loadable.error());
  if (auto joined = host.join_pool(plans); !joined) return report(joined.error());
  auto instances = make_instances(config, plans, device_name(config), host);
  if (!instances) return report(instances.error());
  auto& made = *instances;
  auto& one = made.front();
  auto manifest = std::make_shared<const Manifest>(plans.front().plugin->manifest);
  Printer printer(make_pipeline({manifest,
                                 manifest->find_collector(plans.front().collector->name),
                                 one.origin,
                                 {},
                                 {},
                                 {}},
                                {"validate", "timestamp"}),
                  options.json);
  int code = kExitDone;
  for (std::uint64_t id = 1;; ++id) {
    const auto now = steady_clock::now();
    OneRun run(one.timeout, printer);
    one.collector->start({id, Trigger::manual}, run);
    const auto result = run.wait(*one.collector, one.cancel_grace, options.once);
    printer.print(result.emissions, run.started());
    code = printer.conclude(result);
    if (options.once) return code;
    std::this_thread::sleep_until(now + one.schedule.interval);
  }
}

}  // namespace unity::host
