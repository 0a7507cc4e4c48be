// A collector instance as the schedule sees it: asynchronous, wherever it lives.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity {

// Why a run ended as it did. Decides what the schedule does next.
enum class RunClass : std::uint8_t {
  ok,
  partial,      // what was emitted counts; `message` is a warning
  transient,    // try again with back-off
  timeout,      // past its deadline; treated as transient
  config,       // stop until the configuration changes
  auth,         // try again, slowly
  permanent,    // stop until an operator resumes it
  cancelled,    // the host asked for it; not an error
  internal,     // the plugin broke the contract or threw
  quarantined,  // its file is not run any more until an operator releases it
};
std::string_view to_text(RunClass run_class);
inline bool succeeded(RunClass c) { return c == RunClass::ok || c == RunClass::partial; }

enum class Trigger : std::uint8_t {
  schedule,
  retry,
  probe,   // of an instance that is paused after many failures
  manual,  // an operator asked for it
};
std::string_view to_text(Trigger trigger);

struct RunTiming {
  Instant not_before{};                 // a run that is handed over before it is due begins then
  Duration expected = Duration::max();  // how long it may take; max if nobody knows
};

// What a collector is asked for.
struct Run {
  std::uint64_t id = 0;
  Trigger trigger = Trigger::schedule;
  RunTiming timing = {};
};

// One call of emit: JSON text as the plugin wrote it.
struct Emission {
  enum class Format : std::uint8_t { json_array, ndjson };
  Format format = Format::ndjson;
  std::string text;
  Time time{};                  // for records without a time; zero: the run's start
  Instant emitted{};            // when emit was called
  std::string checkpoint = {};  // how far the collector is with these records; empty: no word of it
  std::string dataset = {};     // whose rows these are; empty: records of metrics
};

// The `code` of a run that ended because the process it was in did.
inline constexpr std::string_view kWorkerEnded = "unity.worker_ended";

struct RunResult {
  RunClass run_class = RunClass::ok;
  std::string message;  // for people; empty on success
  std::string code;     // for machines
  Duration retry_after{};
  Duration took{};
  Duration cpu{};                   // of the thread that ran it
  std::vector<Emission> emissions;  // empty unless the run succeeded
  bool exhausted = false;           // a stream has come to its end for good
};

// Is told how a run goes, on any thread, and outlives it.
class RunListener {
 public:
  // The run begins now: until then it may have waited for its time, or a thread. Returns its
  // deadline; or nothing, if it shall not be made any more: then it ends as cancelled.
  virtual std::optional<Instant> began() = 0;
  // A stream says that it has found its source.
  virtual void ready() {}
  // A stream has emitted something, which is to be accepted by itself. `done` is called once it
  // is, on any thread, perhaps before this returns.
  virtual void emitted(std::vector<Emission> emissions, std::function<void()> done) {
    (void)emissions;
    done();
  }
  // Called exactly once, after began(); it may come long after the deadline.
  virtual void ended(RunResult result) = 0;

 protected:
  ~RunListener() = default;
};

class Collector {
 public:
  virtual ~Collector() = default;

  // Has a run made and returns at once. No other is started before this one has ended.
  virtual void start(const Run& run, RunListener& listener) = 0;

  // Fires the token of the run in flight, if there is one. Any thread.
  virtual void cancel() = 0;

  // Makes the run in flight end at once, whatever the plugin does; `reason` says why. False if
  // that is not possible: it runs in the host itself. Any thread.
  virtual bool kill(const std::string& reason) {
    (void)reason;
    return false;
  }

  // The next run has other options. Only while no run is in flight.
  virtual void change_options(std::string options) { (void)options; }

  // Its runs last for as long as their source does, and deliver on the way.
  virtual bool streams() const { return false; }
};

}  // namespace unity
