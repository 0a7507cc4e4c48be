// The composition root: puts the parts of a host together, downstream first, runs them, and takes
// them apart upstream first.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/audit_keeper.hpp"
#include "app/host_status.hpp"
#include "app/instances.hpp"
#include "app/latest_values.hpp"
#include "app/live_view.hpp"
#include "app/pipeline_states.hpp"
#include "app/plan.hpp"
#include "app/plugin_host.hpp"
#include "app/reload.hpp"
#include "app/state_dir.hpp"
#include "base/exit_code.hpp"
#include "base/wall_clock.hpp"
#include "control/control.hpp"
#include "delivery/delivery.hpp"
#include "delivery/leak_watch.hpp"
#include "delivery/maintainer.hpp"
#include "http/server.hpp"
#include "runtime/folder_watch.hpp"
#include "runtime/runner.hpp"
#include "runtime/tap_sessions.hpp"

namespace unity::host {

struct DaemonOptions {
  std::filesystem::path config;  // the file, for hints to people
  bool live = false;  // show a screen on standard output; the log goes to the state folder
};

// Everything that runs, in the order in which it is built. Lives on the control thread.
class Daemon {
 public:
  Daemon(Config config, StateDir state_dir, const DaemonOptions& options);

  // The plugins' files, before anything else is touched. Errors name the file.
  Result<void> load(const std::vector<InstancePlan>& plans) { return plugins_.load(plans); }
  Result<void> open(const std::vector<InstancePlan>& plans);
  // Serves until a stop signal. Returns whether the process may end in the ordinary way: not if
  // a plugin or the database still holds a thread.
  bool run();
  int exit_code() const { return exit_code_; }  // of an end that is no failure of the host itself

 private:
  RunnerOptions runner_options(std::uint32_t boot, std::set<std::string> paused);
  Result<std::unique_ptr<HttpServer>> open_http(const HttpConfig& config);
  HostStatus status() const;
  ControlCommands control_commands();
  Result<void> apply(ReloadChanges changes);
  void reload_on_signal();
  void fail_at_start(const std::string& reason);
  void watch_files();
  void store_status();
  void keep_plugin_state();
  void keep_databases_in_order();
  void stop_maintainers(Instant deadline);
  void stop();

  DaemonOptions options_;
  Config config_;
  StateDir state_dir_;
  Time started_ = wall_now();
  EventLoop loop_;
  LatestValues latest_;
  Taps taps_;
  TapSessions tap_sessions_{loop_, taps_};
  PipelineStates states_{state_dir_.path() / "pipeline-states.json"};
  AuditKeeper audit_{device_name(config_), started_};
  LeakWatch leaks_;
  std::uint64_t replay_run_ = 0;  // what replayed records count as: the run before the first
  PluginStores stores_;
  PluginHost plugins_;  // outlives the collectors that it makes
  std::unique_ptr<Delivery> delivery_;
  std::vector<std::unique_ptr<Maintainer>> maintainers_;  // one for each storage
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<Reloader> reloader_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<LiveView> view_;
  std::unique_ptr<FolderWatch> watch_;
  Timer status_timer_;
  Timer memory_timer_;
  bool clean_ = true;
  int exit_code_ = kExitDone;
  WorkerPool pool_;  // the last: its threads are joined before what they use is destroyed
};

}  // namespace unity::host
