#include "app/daemon.hpp"

#include <fmt/format.h>

#include "app/boot_counter.hpp"
#include "app/http_answers.hpp"
#include "app/operator_commands.hpp"
#include "app/paused_file.hpp"
#include "app/storages.hpp"
#include "base/exit_code.hpp"
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
constexpr Duration kPluginStateInterval = std::chrono::seconds(1);

// Without it nothing is kept beyond the end of the host, which is better than no host.
PluginMemory open_plugin_memory(const std::filesystem::path& state_dir) {
  auto store = db::PluginStore::open(state_dir / "plugins.db");
  if (store) return PluginMemory(std::move(*store));
  log_error("what plugins keep is lost when the host ends: {}", store.error().message);
  return PluginMemory();
}

}  // namespace

Daemon::Daemon(Config config, StateDir state_dir, const DaemonOptions& options)
    : options_(options),
      config_(std::move(config)),
      state_dir_(std::move(state_dir)),
      stores_{open_plugin_memory(state_dir_.path()), {}},
      plugins_({worker_binary(), state_dir_.path(), config_.collection.quarantine_after}, stores_,
               [this](std::function<void()> task, const RunTiming& timing) {
                 pool_.post(std::move(task), timing);
               }),
      status_timer_(loop_),
      memory_timer_(loop_),
      pool_(static_cast<std::size_t>(config_.collection.max_concurrent)) {
  // From now on: a signal that comes while things are being opened is served by run().
  loop_.on_stop_signal([this] { stop(); });
  loop_.on_reload_signal([this] { reload_on_signal(); });
}

Result<void> Daemon::open(const std::vector<InstancePlan>& plans) {
  auto storages = open_storages(config_, to_plugin_infos(plans), datasets_of(config_, plans));
  if (!storages) return std::move(storages).error();
  if (auto replaced = stores_.secrets.replace(config_.secrets); !replaced) {
    return std::move(replaced).error();
  }
  auto spool = open_spool(config_, stores_.memory);
  if (!spool) return std::move(spool).error();
  auto letters = db::DeadLetters::open(dead_letters_file(state_dir_.path()));
  if (!letters) return std::move(letters).error();
  if (const auto notice = letters->take_notice(); !notice.empty()) log_warn("{}", notice);
  const auto device = device_name(config_);
  delivery_ = std::make_unique<Delivery>(std::move(*spool), std::move(*letters),
                                         std::move(*storages), device);
  delivery_->on_checkpoint([this](std::vector<db::Checkpoint> checkpoints) {
    stores_.memory.checkpoints_durable(std::move(checkpoints));
  });
  if (options_.live || config_.http.metrics_values) {
    delivery_->on_accepted([this](const std::vector<Record>& records) { latest_.update(records); });
  }
  if (auto joined = plugins_.join_pool(plans); !joined) return std::move(joined).error();
  auto made = make_instances(config_, plans, device, plugins_);
  if (!made) return std::move(made).error();
  auto instances = std::move(*made);
  if (!states_.warning().empty()) log_warn("{}", states_.warning());
  for (const auto& instance : instances) instance.pipeline->restore(states_.get(instance.id));
  auto paused = read_paused(state_dir_.path());
  if (!paused) return std::move(paused).error();
  const auto boot = count_boot(state_dir_.path());
  if (!boot) return boot.error();
  replay_run_ = first_run_id(*boot) - 1;
  runner_ = std::make_unique<Runner>(loop_, pool_, *delivery_, std::move(instances),
                                     runner_options(*boot, std::move(*paused)));
  reloader_ = std::make_unique<Reloader>(
      loop_, options_.config, HostShape{describe(config_), describe(plans, config_, device)},
      plugins_, [this](ReloadChanges changes) { return apply(std::move(changes)); },
      [this](std::map<std::string, std::string> notices) {
        runner_->set_notices(std::move(notices));
      });
  auto control = ControlServer::listen(loop_, state_dir_.path(), control_commands());
  if (!control) return std::move(control).error();
  control_ = std::move(*control);
  keep_plugin_state();
  auto http = open_http(config_.http);
  if (!http) return std::move(http).error();
  http_ = std::move(*http);
  return {};
}

RunnerOptions Daemon::runner_options(std::uint32_t boot, std::set<std::string> paused) {
  const auto& collection = config_.collection;
  RunnerOptions options;
  options.max_concurrent = static_cast<std::size_t>(collection.max_concurrent);
  options.max_per_target = static_cast<std::size_t>(collection.max_per_target);
  options.run_metrics = collection.run_metrics;
  options.first_run_id = first_run_id(boot);
  options.paused = std::move(paused);
  options.on_fatal = [this](const std::string& reason) { fail_at_start(reason); };
  options.taps = &taps_;
  options.on_run = [this](const RunFacts& facts) { audit_.ran(facts, wall_now()); };
  options.on_rollback = [this](const std::string& instance, const std::string& reason) {
    reloader_->rolled_back(instance, reason);
  };
  options.on_proven = [this](const std::string& instance) { reloader_->proven(instance); };
  options.keep_state = [this](const std::string& instance, std::string state) {
    states_.put(instance, std::move(state));
  };
  return options;
}

Result<std::unique_ptr<HttpServer>> Daemon::open_http(const HttpConfig& config) {
  if (!config.enabled) return std::unique_ptr<HttpServer>();
  auto http = HttpServer::listen(loop_, config.address, config.port, [this](std::string_view path) {
    return answer_http(
        path, [this] { return status(); }, config_.http.metrics_values ? &latest_ : nullptr);
  });
  if (http) log_info("serving {}/metrics", (*http)->url());
  return http;
}

void Daemon::watch_files() {
  const auto& watch = config_.watch;
  std::vector<WatchedFolder> folders;
  if (watch.plugins) {
    for (auto& folder : plugin_dirs(config_))
      folders.push_back({std::move(folder), Globs({"*.so"})});
  }
  if (watch.config) {
    // Kubernetes swaps all files of a folder at once, by a link of that name.
    const std::string swapped = "..data";
    const auto file = std::filesystem::absolute(options_.config);
    folders.push_back({file.parent_path(), Globs({file.filename(), swapped})});
    folders.push_back({file.parent_path() / "conf.d", Globs({"*.yaml", "*.yml", swapped})});
  }
  if (folders.empty()) return;
  watch_ = std::make_unique<FolderWatch>(
      loop_, watch.settle, [this] { reloader_->reload(ReloadCause::files, false, log_reload); });
  for (const auto& problem : watch_->watch(std::move(folders))) log_warn("{}", problem);
}

bool Daemon::run() {
  plugins_.forget_images();
  runner_->start();
  watch_files();
  store_status();
  keep_databases_in_order();
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
  watch_.reset();
  status_timer_.cancel();
  memory_timer_.cancel();
  for (const auto& maintainer : maintainers_) maintainer->stop();
  const auto end_by = steady_clock::now() + kEndWithin;
  runner_->stop(kStopGrace, [this, end_by](std::vector<std::string> running) {
    if (!running.empty()) {
      clean_ = false;
      log_warn("leaving without these collectors, whose runs have not returned: {}",
               fmt::join(running, ", "));
    }
    runner_->keep_states();
    if (const auto saved = states_.save(); !saved) log_warn("{}", saved.error().message);
    delivery_->write_audit(audit_.take_all());
    delivery_->update_status(runner_->plugin_status());
    clean_ = delivery_->stop(steady_clock::now() + kFlushTime) && clean_;
    const auto hanging = runner_->destroy_collectors(end_by);
    stores_.memory.flush();  // also what they put when they were destroyed
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
    stop_maintainers(end_by);
    clean_ = clean_ && !reloader_->busy();
    if (clean_ && !pool_.stop(end_by)) {
      clean_ = false;
      log_warn("leaving while a replay, or the writing of a file, is under way");
    }
    loop_.stop();
  });
}

void Daemon::keep_databases_in_order() {
  for (const auto& storage : config_.storages) {
    maintainers_.push_back(std::make_unique<Maintainer>(
        storage.id,
        [database = storage.database, aging = db::aging_tables(config_.retention.keep)] {
          return db::open_maintenance(database, aging);
        }));
  }
}

// What it was at is done the next time.
void Daemon::stop_maintainers(Instant deadline) {
  for (std::size_t i = 0; i < maintainers_.size(); ++i) {
    if (maintainers_[i]->stopped(deadline)) continue;
    clean_ = false;
    log_warn("leaving while storage {} is being kept in order", config_.storages[i].id);
  }
}

void Daemon::keep_plugin_state() {
  if (stores_.memory.dirty()) pool_.post([this] { stores_.memory.flush(); });
  memory_timer_.set(steady_clock::now() + kPluginStateInterval, [this] { keep_plugin_state(); });
}

void Daemon::store_status() {
  delivery_->update_status(runner_->plugin_status());
  delivery_->write_audit(audit_.take(wall_now()));
  for (const auto& leak : leaks_.take_new(delivery_->state())) log_warn("{}", leak);
  pool_.post([this] {  // writing and syncing a file would hold up the schedule
    if (const auto saved = states_.save(); !saved) log_warn("{}", saved.error().message);
  });
  status_timer_.set(steady_clock::now() + kStatusInterval, [this] { store_status(); });
}

HostStatus Daemon::status() const {
  HostStatus status;
  status.now = wall_now();
  status.started = started_;
  status.config = options_.config;
  status.state_dir = state_dir_.path();
  for (const auto& storage : config_.storages) {
    status.places.push_back({storage.database.type, db::place_of(storage.database)});
  }
  if (http_) status.http_url = http_->url();
  status.delivery = delivery_->state();
  status.schedule = runner_->schedule_status();
  status.instances = runner_->status();
  status.workers = plugins_.workers().alive();
  status.abandoned = plugins_.workers().abandoned();
  status.not_enforced = plugins_.workers().gaps();
  status.warnings = find_faults(status);
  if (!reloader_->problem().empty()) status.warnings.push_back(reloader_->problem());
  for (std::size_t i = 0; i < maintainers_.size(); ++i) {
    const auto problem = maintainers_[i]->problem();
    if (problem.empty()) continue;
    status.warnings.push_back(
        fmt::format("storage {} is not kept in order: {}", config_.storages[i].id, problem));
  }
  return status;
}

ControlCommands Daemon::control_commands() {
  auto commands = operator_commands(*runner_, state_dir_.path(), plugins_.workers().quarantine());
  commands["status"] = [this](const json::Value&, const ControlReply& reply) {
    reply(to_json(status()));
  };
  commands["reload"] = [this](const json::Value& request, const ControlReply& reply) {
    const auto* dry_run = request.find("dry_run");
    const bool dry = dry_run != nullptr && dry_run->boolean() != nullptr && *dry_run->boolean();
    reloader_->reload(ReloadCause::asked, dry, [reply](const Result<ReloadOutcome>& outcome) {
      reply(outcome ? Result<json::Value>(to_json(*outcome)) : outcome.error());
    });
  };
  commands["tap"] = [this](const json::Value& request, const ControlReply& reply) {
    answer_tap(tap_sessions_, request, reply);
  };
  commands["replay"] = [this](const json::Value& request, const ControlReply& reply) {
    answer_replay(*delivery_, *runner_, replay_run_, loop_, pool_, request, reply);
  };
  return commands;
}

// Everything that can fail comes first.
Result<void> Daemon::apply(ReloadChanges changes) {
  const auto& http = changes.config.http;
  const bool listens_elsewhere = http.enabled != config_.http.enabled ||
                                 http.address != config_.http.address ||
                                 http.port != config_.http.port;
  std::unique_ptr<HttpServer> other_http;
  if (listens_elsewhere) {
    auto opened = open_http(http);
    if (!opened) return std::move(opened).error();
    other_http = std::move(*opened);
  }
  // The last that can fail.
  if (auto replaced = stores_.secrets.replace(changes.config.secrets); !replaced) return replaced;
  if (listens_elsewhere) {
    http_ = std::move(other_http);
    config_.http.enabled = http.enabled;
    config_.http.address = http.address;
    config_.http.port = http.port;
  }
  LogLevel level = LogLevel::info;
  if (parse_log_level(changes.config.log_level, level)) set_log_level(level);
  delivery_->register_plugins(changes.plugins);
  delivery_->declare_datasets(changes.datasets);
  runner_->apply(std::move(changes.instances));
  return {};
}

void Daemon::reload_on_signal() {
  if (options_.live) return stop();  // the terminal is gone
  reloader_->reload(ReloadCause::asked, false, log_reload);
}

void Daemon::fail_at_start(const std::string& reason) {
  log_error("{}", reason);
  exit_code_ = kExitBadConfig;
  loop_.post([this] { stop(); });
}

}  // namespace unity::host
