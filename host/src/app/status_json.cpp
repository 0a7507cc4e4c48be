#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/host_status.hpp"
#include "host_version.hpp"

namespace unity::host {
namespace {

using json::Value;

Value to_value(const std::optional<Time>& time) {
  return time ? Value(to_rfc3339(*time)) : Value();
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
double milliseconds(Duration duration) { return seconds(duration) * 1e3; }

Value to_json(const Accounting& accounting) {
  Value dropped_by{json::Object()};
  for (const auto& [reason, count] : accounting.dropped_by) dropped_by.set(reason, count);
  return json::Object{{"collected", accounting.collected}, {"stored", accounting.stored},
                      {"rejected", accounting.rejected},   {"dropped", accounting.dropped()},
                      {"in_flight", accounting.in_flight}, {"dropped_by", std::move(dropped_by)},
                      {"host_made", accounting.host_made}, {"balanced", accounting.balanced()}};
}

Value to_json(const InstanceStatus& instance) {
  const auto& health = instance.health;
  return json::Object{{"id", instance.id},
                      {"plugin", instance.plugin},
                      {"state", to_text(health.state())},
                      {"reason", health.reason()},
                      {"running", instance.running},
                      {"runs", health.runs()},
                      {"missed", instance.missed},
                      {"errors", health.errors()},
                      {"consecutive_errors", health.consecutive_errors()},
                      {"last_error", health.last_error()},
                      {"last_run", to_value(health.last_run())},
                      {"last_success", to_value(health.last_success())},
                      {"next_run", to_value(instance.next_run)},
                      {"interval_seconds", seconds(instance.interval)},
                      {"last_duration_ms", milliseconds(instance.last_took)}};
}

}  // namespace

std::vector<std::string> find_faults(const HostStatus& status) {
  std::vector<std::string> faults;
  const auto& accounting = status.delivery.accounting;
  if (!accounting.balanced()) {
    faults.push_back(fmt::format(
        "the account does not balance: {} records collected, but {} stored + {} rejected + {} "
        "dropped + {} in flight; please report this",
        accounting.collected, accounting.stored, accounting.rejected, accounting.dropped(),
        accounting.in_flight));
  }
  if (!status.delivery.problem.empty()) {
    faults.push_back(fmt::format("the storage takes nothing at present, {} records wait: {}",
                                 accounting.in_flight, status.delivery.problem));
  }
  return faults;
}

Value to_json(const HostStatus& status) {
  json::Array instances;
  for (const auto& instance : status.instances) instances.push_back(to_json(instance));
  json::Array warnings;
  for (const auto& warning : status.warnings) warnings.emplace_back(warning);
  return json::Object{{"version", kHostVersion},
                      {"pid", std::int64_t{::getpid()}},
                      {"time", to_rfc3339(status.now)},
                      {"started", to_rfc3339(status.started)},
                      {"uptime_seconds", seconds(status.now - status.started)},
                      {"state_dir", status.state_dir},
                      {"http", status.http_url.empty() ? Value() : Value(status.http_url)},
                      {"database", json::Object{{"type", status.database_type},
                                                {"path", status.database_path},
                                                {"problem", status.delivery.problem},
                                                {"commits", status.delivery.commits},
                                                {"last_commit_ms",
                                                 milliseconds(status.delivery.last_commit_took)}}},
                      {"accounting", to_json(status.delivery.accounting)},
                      {"instances", std::move(instances)},
                      {"warnings", std::move(warnings)}};
}

std::vector<PluginStatus> to_plugin_status(const std::vector<InstanceStatus>& instances) {
  std::map<std::string, PluginStatus> by_plugin;
  std::map<std::string, HealthState> worst;
  for (const auto& instance : instances) {
    const auto& health = instance.health;
    auto& status = by_plugin[instance.plugin];
    status.plugin_id = instance.plugin;
    status.last_run = std::max(status.last_run, health.last_run());
    status.last_success = std::max(status.last_success, health.last_success());
    if (!health.last_error().empty()) status.last_error = health.last_error();
    status.error_count += health.errors();
    status.consecutive_errors = std::max(status.consecutive_errors, health.consecutive_errors());
    auto& state = worst[instance.plugin];
    state = std::max(state, health.state());
    status.health_status = to_text(state);
  }
  std::vector<PluginStatus> all;
  for (auto& [id, status] : by_plugin) all.push_back(std::move(status));
  return all;
}

}  // namespace unity::host
