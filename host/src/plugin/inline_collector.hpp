// The Collector port over a plugin in this very process: its calls run on the worker pool.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "plugin/host_services.hpp"
#include "plugin/plugin_library.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity::host {

// Runs a task on some thread, when its timing says so.
using Executor = std::function<void(std::function<void()>, const RunTiming&)>;

// The instance is created by its first run, under that run's deadline, so that a create() that
// fails or hangs is treated like any other run. Destroy this object only while no run is in
// flight; a plugin that hangs keeps its collector for ever.
class InlineCollector : public Collector {
 public:
  struct Spec {
    std::shared_ptr<const PluginLibrary> library;
    std::string collector;    // a name that the library has
    std::string instance_id;  // the configured id
    std::string options;      // JSON, validated, defaults filled in
    PluginLog log;
    std::uint32_t log_min_level = UNITY_LOG_INFO;
  };

  InlineCollector(Spec spec, Executor executor);
  ~InlineCollector() override;

  void start(const Run& run, RunListener& listener) override;
  void cancel() override { token_.fire(); }

 private:
  void run();
  RunResult call(Instant deadline);
  unity_status create(CallHandle& call);

  Spec spec_;
  Executor executor_;
  const unity_collector* type_;
  HostHandle host_;
  CancelToken token_;
  unity_instance* instance_ = nullptr;
  RunListener* listener_ = nullptr;  // of the run in flight
  Duration expected_{};              // how long it may take
};

}  // namespace unity::host
