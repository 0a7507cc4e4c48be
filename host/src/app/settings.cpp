#include "app/settings.hpp"

#include "app/plugin_host.hpp"

#include <fmt/format.h>

#include "unity/core/base/size.hpp"

namespace unity::host {
namespace {

std::string flag(bool value) { return value ? "true" : "false"; }

std::string tags_text(const Tags& own, const Tags& global) {
  auto tags = own;
  for (const auto& [key, value] : global) tags.set_default(key, value);
  std::string text;
  for (const auto& [key, value] : tags)
    text += (text.empty() ? "" : ", ") + key.text() + "=" + value;
  return text;
}

std::string stages_text(const PipelineConfig& pipeline) {
  return pipeline.written ? json::dump(pipeline.source.value) : "";
}

std::string limits_text(const WorkerLimits& limits) {
  return fmt::format("memory {}, files {}, cpu {}, processes {}", size_text(limits.memory),
                     limits.files, to_text(limits.cpu), limits.processes);
}

// The plugin's options, one by one; their values may be secrets.
void add_options(const InstancePlan& plan, std::vector<Setting>& settings) {
  const auto options = json::parse(plan.options);
  if (!options || options->object() == nullptr) return;
  for (const auto& [name, value] : *options->object()) {
    settings.push_back({"config." + name, json::dump(value), ChangeCost::beginning, false});
  }
}

// Another value of a secret needs a collector that asks for it anew.
void add_secrets(const InstancePlan& plan, const Config& config, std::vector<Setting>& settings) {
  for (const auto& name : plan.secrets) {
    const auto* secret = config.find_secret(name);
    settings.push_back({"secret " + name, secret != nullptr ? secret->fingerprint : std::string(),
                        ChangeCost::code, false});
  }
}

// Everything a storage is opened with. Passwords are in it.
std::string storage_text(const StorageConfig& storage) {
  const auto& database = storage.database;
  const auto& server = database.server;
  const auto& pool = server.pool;
  const std::vector<std::string> parts = {
      database.type,
      database.path.string(),
      flag(storage.required),
      fmt::to_string(storage.batch_size),
      to_text(storage.batch_timeout),
      server.host,
      fmt::to_string(server.port),
      server.database,
      server.username,
      server.password,
      server.sslmode,
      server.sslrootcert,
      to_text(server.connect_timeout),
      to_text(server.statement_timeout),
      fmt::to_string(pool.pool_size),
      fmt::to_string(pool.max_overflow),
      to_text(pool.pool_timeout),
      to_text(pool.pool_recycle),
      fmt::to_string(static_cast<int>(pool.pre_ping)),
      fmt::to_string(pool.max_waiters),
      to_text(pool.leak_warn_after),
      server.timeseries.enabled ? flag(*server.timeseries.enabled) : std::string(),
      flag(server.timeseries.compression),
      to_text(server.timeseries.compress_after)};
  return fmt::format("{}", fmt::join(parts, "\n"));
}

std::string keep_text(const db::Keep& keep) {
  auto text = keep.time ? to_text(*keep.time) : std::string("forever");
  if (keep.bytes) text += ", " + size_text(*keep.bytes);
  return text;
}

std::string datasets_text(const std::vector<DatasetSpec>& datasets) {
  std::string text;
  for (const auto& dataset : datasets) text += to_json(dataset) + "\n";
  return text;
}

std::string listen_text(const HttpConfig& http) {
  return http.enabled ? fmt::format("{} port {}", http.address, http.port) : "no server";
}

}  // namespace

InstanceShape describe(const InstancePlan& plan, const Config& config, const std::string& device) {
  const auto& own = *plan.config;
  const auto& manifest = plan.plugin->manifest;
  using enum ChangeCost;
  InstanceShape shape{
      own.id,
      plan.plugin->path,
      to_hex(plan.plugin->hash),
      {
          {"plugin", manifest.id, beginning},
          {"collector", plan.collector->name, beginning},
          {"device", own.device.empty() ? device : own.device, beginning},
          {"version", manifest.version, code},
          {"file of the plugin", to_hex(plan.plugin->hash), code, false},
          {"isolation", std::string(isolation_text(isolation_of(plan))), code},
          {"permissions", to_text(plan.permissions), code},
          {"limits", limits_text(own.limits), code},
          {"tags", tags_text(own.tags, config.tags), pipeline},
          {"the global pipeline", stages_text(config.pipeline), pipeline, false},
          {"pipeline", stages_text(own.pipeline), pipeline, false},
          {"datasets", datasets_text(config.datasets), pipeline, false},
          {"retention.late_window", to_text(config.retention.late_window), pipeline},
          {"interval", to_text(plan.interval), nothing},
          {"timeout", to_text(own.timeout), nothing},
          {"retry_count", fmt::to_string(own.retry_count), nothing},
          {"retry_delay", to_text(own.retry_delay), nothing},
          {"retry_backoff", fmt::to_string(own.retry_backoff), nothing},
          {"jitter", to_text(own.jitter), nothing},
          {"align", flag(own.align), nothing},
          {"on_overrun", own.on_overrun, nothing},
          {"on_start_error", own.on_start_error, nothing},
          {"pause_after", fmt::to_string(own.pause_after), nothing},
          {"stretch_max", fmt::to_string(own.stretch_max), nothing},
          {"target", own.target, nothing},
      }};
  add_options(plan, shape.settings);
  add_secrets(plan, config, shape.settings);
  return shape;
}

std::vector<InstanceShape> describe(const std::vector<InstancePlan>& plans, const Config& config,
                                    const std::string& device) {
  std::vector<InstanceShape> shapes;
  for (const auto& plan : plans) shapes.push_back(describe(plan, config, device));
  return shapes;
}

std::vector<Setting> describe(const Config& config) {
  using enum ChangeCost;
  const auto& spool = config.spool;
  std::vector<Setting> settings = {
      {"state_dir", config.state_dir.string(), refused},
      {"log.level", config.log_level, nothing},
      {"http.listen", listen_text(config.http), nothing},
      {"watch",
       fmt::format("plugins {}, config {}, settle {}", config.watch.plugins, config.watch.config,
                   to_text(config.watch.settle)),
       restart},
      {"http.metrics_values", flag(config.http.metrics_values), restart},
      {"collection.max_concurrent", fmt::to_string(config.collection.max_concurrent), restart},
      {"collection.max_per_target", fmt::to_string(config.collection.max_per_target), restart},
      {"collection.quarantine_after", fmt::to_string(config.collection.quarantine_after), restart},
      {"collection.run_metrics", flag(config.collection.run_metrics), restart},
      {"spool.path", spool.path.string(), restart},
      {"spool.max_bytes", size_text(spool.max_bytes), restart},
      {"spool.segment_bytes", size_text(spool.segment_bytes), restart},
      {"spool.min_free_bytes", size_text(spool.min_free_bytes), restart},
      {"spool.sync", std::string(db::to_text(spool.sync)), restart},
      {"spool.when_full", std::string(db::to_text(spool.when_full)), restart},
  };
  const auto& keep = config.retention.keep;
  for (const auto& [name, one] : {std::pair("raw_metrics", &keep.raw_metrics),
                                  {"hourly_aggregates", &keep.hourly_aggregates},
                                  {"daily_aggregates", &keep.daily_aggregates},
                                  {"window_aggregates", &keep.window_aggregates},
                                  {"alert_history", &keep.alert_history},
                                  {"audit", &keep.audit},
                                  {"events", &keep.events},
                                  {"configuration", &keep.configuration}}) {
    settings.push_back({fmt::format("retention.{}", name), keep_text(*one), restart});
  }
  for (const auto& storage : config.storages) {
    settings.push_back({"storage " + storage.id, storage_text(storage), restart, false});
  }
  return settings;
}

}  // namespace unity::host
