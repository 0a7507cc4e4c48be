#include "app/daemon.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <optional>

#include "app/boot_counter.hpp"
#include "app/host_status.hpp"
#include "app/instances.hpp"
#include "app/live_view.hpp"
#include "app/paused_file.hpp"
#include "app/prepare.hpp"
#include "app/state_dir.hpp"
#include "app/storages.hpp"
#include "base/exit_code.hpp"
#include "base/wall_clock.hpp"
#include "control/control.hpp"
#include "host_version.hpp"
#include "http/server.hpp"
#include "log/log.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// An end takes less than two seconds: at most this for the runs in flight, then this for what
// they emitted, and what is left of the whole for the plugins to clean up.
constexpr Duration kStopGrace = std::chrono::seconds(1);
constexpr Duration kFlushTime = std::chrono::milliseconds(500);
constexpr Duration kEndWithin = std::chrono::milliseconds(1900);
constexpr Duration kStatusInterval = std::chrono::seconds(10);

std::string text_of(const json::Value& request, std::string_view name) {
  const auto* value = request.find(name);
  return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
}

int fail(const Error& error) {
  log_error("{}", error.message);
  return exit_code_of(error);
}

// Everything that runs, in the order in which it is built.
class Daemon {
 public:
  Daemon(Config config, StateDir state_dir, const DaemonOptions& options)
      : options_(options),
        config_(std::move(config)),
        state_dir_(std::move(state_dir)),
        pool_(static_cast<std::size_t>(config_.collection.max_concurrent)),
        status_timer_(loop_) {
    // From now on: a signal that comes while things are being opened is served by run().
    loop_.on_stop_signal([this] { stop(); });
  }

  Result<void> open(const std::vector<InstancePlan>& plans);
  // Serves until a stop signal. Returns whether the process may end in the ordinary way: not if
  // a plugin or the database still holds a thread.
  bool run();
  int exit_code() const { return exit_code_; }  // of an end that is no failure of the host itself

 private:
  Result<void> open_http();
  HostStatus status() const;
  HttpResponse answer_http(std::string_view path);
  ControlCommands control_commands();
  void answer_run_now(const json::Value& request, ControlReply reply);
  Result<json::Value> set_paused(const json::Value& request, bool pause);
  void fail_at_start(const std::string& reason);
  void store_status();
  void stop();

  DaemonOptions options_;
  Config config_;
  StateDir state_dir_;
  Time started_ = wall_now();
  EventLoop loop_;
  LatestValues latest_;
  WorkerPool pool_;
  std::unique_ptr<Delivery> delivery_;
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<LiveView> view_;
  Timer status_timer_;
  bool clean_ = true;
  int exit_code_ = kExitDone;
};

Result<void> Daemon::open(const std::vector<InstancePlan>& plans) {
  auto storages = open_storages(config_, to_plugin_infos(plans));
  if (!storages) return std::move(storages).error();
  auto spool = open_spool(config_);
  if (!spool) return std::move(spool).error();
  auto letters = db::DeadLetters::open(dead_letters_file(state_dir_.path()));
  if (!letters) return std::move(letters).error();
  if (const auto notice = letters->take_notice(); !notice.empty()) log_warn("{}", notice);
  delivery_ =
      std::make_unique<Delivery>(std::move(*spool), std::move(*letters), std::move(*storages));
  if (options_.live || config_.http.metrics_values) {
    delivery_->on_accepted([this](const std::vector<Record>& records) { latest_.update(records); });
  }
  auto instances =
      make_instances(config_, plans, device_name(config_),
                     [this](std::function<void()> task) { pool_.post(std::move(task)); });
  auto paused = read_paused(state_dir_.path());
  if (!paused) return std::move(paused).error();
  const auto boot = count_boot(state_dir_.path());
  if (!boot) return boot.error();
  const auto& collection = config_.collection;
  runner_ = std::make_unique<Runner>(
      loop_, pool_, *delivery_, std::move(instances),
      RunnerOptions{static_cast<std::size_t>(collection.max_concurrent),
                    static_cast<std::size_t>(collection.max_per_target), collection.run_metrics,
                    first_run_id(*boot), std::move(*paused),
                    [this](const std::string& reason) { fail_at_start(reason); }});
  auto control = ControlServer::listen(loop_, state_dir_.path(), control_commands());
  if (!control) return std::move(control).error();
  control_ = std::move(*control);
  return open_http();
}

Result<void> Daemon::open_http() {
  if (!config_.http.enabled) return {};
  auto http = HttpServer::listen(loop_, config_.http.address, config_.http.port,
                                 [this](std::string_view path) { return answer_http(path); });
  if (!http) return std::move(http).error();
  http_ = std::move(*http);
  log_info("serving {}/metrics", http_->url());
  return {};
}

bool Daemon::run() {
  runner_->start();
  store_status();
  if (options_.live) {
    view_ = std::make_unique<LiveView>(loop_, [this](std::size_t width) {
      return to_screen(status(), latest_.all(wall_now()), recent_log_lines(), width);
    });
  }
  loop_.run();
  view_.reset();  // gives the terminal back, also if the end is not clean
  return clean_;
}

void Daemon::stop() {
  log_info("stopping");
  status_timer_.cancel();
  const auto end_by = steady_clock::now() + kEndWithin;
  runner_->stop(kStopGrace, [this, end_by](std::vector<std::string> running) {
    if (!running.empty()) {
      clean_ = false;
      log_warn("leaving without these collectors, whose runs have not returned: {}",
               fmt::join(running, ", "));
    }
    delivery_->update_status(runner_->plugin_status());
    clean_ = delivery_->stop(steady_clock::now() + kFlushTime) && clean_;
    const auto hanging = runner_->destroy_collectors(end_by);
    if (!hanging.empty()) {
      clean_ = false;
      log_warn("leaving without destroying these collectors, which takes too long: {}",
               fmt::join(hanging, ", "));
    }
    for (const auto& storage : delivery_->state().storages) {
      const auto& end = storage.accounting;
      log_info(
          "ended: {} records collected for storage {}, {} stored, {} rejected, {} dropped, {} "
          "wait in the spool",
          end.collected, storage.id, end.stored, end.rejected, end.dropped(), end.in_flight);
    }
    loop_.stop();
  });
}

void Daemon::store_status() {
  delivery_->update_status(runner_->plugin_status());
  status_timer_.set(steady_clock::now() + kStatusInterval, [this] { store_status(); });
}

HostStatus Daemon::status() const {
  HostStatus status;
  status.now = wall_now();
  status.started = started_;
  status.config = options_.config;
  status.state_dir = state_dir_.path();
  const auto& database = config_.storages.front().database;
  status.database_type = database.type;
  status.database_path = db::place_of(database);
  if (http_) status.http_url = http_->url();
  status.delivery = delivery_->state();
  status.schedule = runner_->schedule_status();
  status.instances = runner_->status();
  status.warnings = find_faults(status);
  return status;
}

HttpResponse Daemon::answer_http(std::string_view path) {
  if (path == "/health/live") return {200, "text/plain; charset=utf-8", "live\n"};
  if (path == "/health/ready") {
    const auto problem = find_problem(delivery_->state());
    if (problem.empty()) return {200, "text/plain; charset=utf-8", "ready\n"};
    return {503, "text/plain; charset=utf-8", "not ready: " + problem + "\n"};
  }
  if (path == "/metrics") {
    return {200, "text/plain; version=0.0.4; charset=utf-8",
            to_prometheus(status(), config_.http.metrics_values ? latest_.all(wall_now())
                                                                : std::vector<LatestValue>())};
  }
  return {404, "text/plain; charset=utf-8",
          "not found; there are /metrics, /health/live and /health/ready\n"};
}

ControlCommands Daemon::control_commands() {
  return {
      {"status",
       [this](const json::Value&, const ControlReply& reply) { reply(to_json(status())); }},
      {"run-now", [this](const json::Value& request,
                         ControlReply reply) { answer_run_now(request, std::move(reply)); }},
      {"pause", [this](const json::Value& request,
                       const ControlReply& reply) { reply(set_paused(request, true)); }},
      {"resume", [this](const json::Value& request,
                        const ControlReply& reply) { reply(set_paused(request, false)); }},
  };
}

void Daemon::answer_run_now(const json::Value& request, ControlReply reply) {
  std::optional<Duration> if_older;
  if (const auto* seconds = request.find("if_older_seconds")) {
    if_older = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::clamp(seconds->number(), 0.0, 1e9)));
  }
  const auto asked = runner_->run_now(
      text_of(request, "instance"), if_older, [reply](const Result<RunOutcome>& outcome) {
        reply(outcome ? Result<json::Value>(to_json(*outcome)) : outcome.error());
      });
  if (!asked) reply(asked.error());
}

Result<json::Value> Daemon::set_paused(const json::Value& request, bool pause) {
  const auto id = text_of(request, "instance");
  if (const auto done = pause ? runner_->pause(id) : runner_->resume(id); !done) {
    return done.error();
  }
  log_info("collector {} was {} by an operator", id, pause ? "paused" : "resumed");
  if (const auto kept = write_paused(state_dir_.path(), runner_->paused()); !kept) {
    return Error{kept.error().code,
                 fmt::format("collector {} is {} now, but will not be after a restart: {}", id,
                             pause ? "paused" : "resumed", kept.error().message)};
  }
  return json::Value(json::Object{{"instance", id}, {"paused", pause}});
}

void Daemon::fail_at_start(const std::string& reason) {
  log_error("{}", reason);
  exit_code_ = kExitBadConfig;
  loop_.post([this] { stop(); });
}

}  // namespace

int run_daemon(LoadOutcome loaded, const DaemonOptions& options) {
  ::mallopt(M_ARENA_MAX, 2);  // a handful of threads need no arena each
  std::signal(SIGPIPE, SIG_IGN);
  auto prepared = prepare(options.config, std::move(loaded));
  for (const auto& problem : prepared.plugins.unusable) log_warn("{}", problem.message);
  if (!prepared.usable()) {
    std::cerr << render(prepared.mistakes, prepared.loaded.sources);
    return kExitBadConfig;
  }
  const auto& config = *prepared.loaded.config;
  const auto& plans = prepared.plans;
  if (plans.empty()) {
    log_error("no collector is configured; add some under `collectors`");
    return kExitBadConfig;
  }

  if (const auto loadable = load_plugins(plans); !loadable) {
    log_error("{}", loadable.error().message);
    return kExitBadConfig;
  }

  auto state_dir = StateDir::acquire(config.state_dir);
  if (!state_dir) return fail(state_dir.error());
  if (options.live) log_to_file(state_dir->log());
  Daemon daemon(config, std::move(*state_dir), options);
  log_info("unity {} starts with {} collectors, state in {}", kHostVersion, plans.size(),
           config.state_dir.string());
  if (auto opened = daemon.open(plans); !opened) return fail(opened.error());
  prepared = {};  // the plugins' images are not needed any more
  ::malloc_trim(0);
  try {
    if (daemon.run()) return daemon.exit_code();
  } catch (const std::exception& exception) {
    // Threads may still be within plugins: nothing may be destroyed under them.
    log_error("internal error: {}", exception.what());
    ::_exit(kExitFailed);
  }
  ::_exit(daemon.exit_code());
}

}  // namespace unity::host
