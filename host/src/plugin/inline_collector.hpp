// The Collector port over a plugin in this very process: its calls run on the worker pool, a
// stream on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "plugin/stream_flow.hpp"
#include "unity/core/ports/collector.hpp"
#include "worker/runtime/instance.hpp"
#include "worker/runtime/slot_page.hpp"

namespace unity::host {

// Runs a task on some thread, when its timing says so.
using Executor = std::function<void(std::function<void()>, const RunTiming&)>;

// The instance is created by its first run, under that run's deadline, so that a create() that
// fails or hangs is treated like any other run. Destroy this object only while no run is in
// flight; a plugin that hangs keeps its collector for ever.
class InlineCollector : public Collector {
 public:
  struct Spec {
    std::shared_ptr<const Library> library;
    InstanceSpec instance;
    bool streaming = false;
    std::shared_ptr<PluginServices> services;
    // How far the collector is, as far as that is durable: it begins there.
    std::function<std::string()> checkpoint = {};
    SlotPage* page = nullptr;  // where its calls are noted; null: nowhere
  };

  InlineCollector(Spec spec, Executor executor);
  ~InlineCollector() override;

  void start(const Run& run, RunListener& listener) override;
  void cancel() override;
  bool streams() const override { return spec_.streaming; }
  void change_options(std::string options) override { next_options_ = std::move(options); }

 private:
  std::unique_ptr<PluginInstance> make_instance() const;
  // Nothing: it is as it must be.
  std::optional<RunResult> take_next_options(Instant deadline);
  void make_anew();
  void destroy(std::unique_ptr<PluginInstance> plugin);
  void run();
  RunResult make_run(Instant deadline);

  Spec spec_;
  Executor executor_;
  InlineCancelToken token_;
  std::shared_ptr<StreamFlow> flow_;
  std::mutex plugin_mutex_;  // of who replaces it, and who interrupts it
  std::unique_ptr<PluginInstance> plugin_;
  std::optional<std::string> next_options_;
  RunListener* listener_ = nullptr;  // of the run in flight
  Run run_;                          // the same
  std::thread stream_;
};

}  // namespace unity::host
