// One configured collector as the runner needs it, what it tells of it, and how it may change.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "unity/core/base/histogram.hpp"
#include "unity/core/engine/health_report.hpp"
#include "unity/core/engine/pipeline.hpp"
#include "unity/core/engine/schedule.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity::host {

// What a failing first run leads to, beyond what any failing run does.
enum class OnStartError : std::uint8_t {
  error,   // an error that time does not heal ends the host
  retry,   // nothing
  ignore,  // an error that time does not heal switches the collector off, without a warning
  probe,   // any error does
};

struct Instance {
  std::string id;
  std::string plugin;
  std::string version;    // of the plugin
  std::string isolation;  // "inline", "pooled", "dedicated"
  ScheduleSpec schedule;
  Duration timeout{};
  Duration cancel_grace{};
  OnStartError on_start_error = OnStartError::retry;
  std::shared_ptr<const Origin> origin;
  Tags tags;
  std::unique_ptr<Collector> collector;
  std::unique_ptr<Pipeline> pipeline;
  // Makes one of the same stages that remembers nothing.
  std::function<std::unique_ptr<Pipeline>()> fresh_pipeline;
};

// A change to the instances of a running host.
struct InstanceChange {
  enum class Kind : std::uint8_t {
    add,
    remove,   // its run in flight is cancelled
    replace,  // once its run in flight has ended
  };
  Kind kind = Kind::add;
  // For remove, only the id counts. For replace, a collector or pipeline that is not given stays,
  // with all it remembers; counts and histograms stay in any case.
  Instance instance = {};
  // For replace: a pipeline that is given does not take over what the one before remembers.
  bool forget = false;
  // For replace without a collector: the one there is gets other options.
  std::optional<std::string> options = {};
  // For replace, of another version: if its first runs fail, the one before comes back.
  bool on_trial = false;
};

// How a run that an operator asked for ended.
struct RunOutcome {
  RunClass run_class = RunClass::ok;
  std::string message;
  Time started{};
  Duration took{};
  std::uint64_t records = 0;  // that it emitted
  bool fresh = false;         // it was not made: the last success is recent enough; `started` is it
};

// What `status` tells of an instance.
struct InstanceStatus {
  std::string id;
  std::string plugin;
  std::string version;
  std::string isolation;
  HealthState state = HealthState::healthy;
  std::string reason;
  Health health;
  std::uint64_t missed = 0;
  bool running = false;
  Duration interval{};  // at present
  Duration last_took{};
  Duration took_p50{};
  Duration took_p95{};
  Duration took_p99{};
  Duration cpu{};  // of all runs
  std::optional<Time> next_run;
  std::vector<Condition> conditions;  // of its pipeline
  std::string notice;                 // of another version that was rolled back; or empty
};

// What `status` tells of the schedule as a whole.
struct ScheduleStatus {
  std::uint64_t started = 0;  // runs
  std::uint64_t missed_for_room = 0;
  Histogram lateness;        // from when a run was due to when it began
  std::string overload;      // a warning, or empty
  std::string clock_change;  // the last one, with its time, or empty
};

}  // namespace unity::host
