#include <algorithm>

#include "runtime/runner.hpp"

namespace unity::host {

std::vector<InstanceStatus> Runner::status() const {
  const auto instant = std::chrono::steady_clock::now();
  const auto wall = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  std::vector<InstanceStatus> all;
  for (const auto& entry : entries_) {
    if (!entry || entry->leaving) continue;
    const auto view = schedule_.view(entry->id, instant);
    auto condition = report_of(entry->health, view, instant);
    InstanceStatus status;
    status.id = entry->instance.id;
    status.plugin = entry->instance.plugin;
    status.state = condition.state;
    status.reason = entry->switched_off.empty() ? std::move(condition.reason) : entry->switched_off;
    status.health = entry->health;
    status.missed = view.missed;
    const bool waits = entry->phase == Phase::waiting;
    status.running = entry->running && !waits;
    status.interval = view.interval;
    status.last_took = entry->last_took.value_or(Duration());
    status.took_p50 = entry->took.percentile(0.5);
    status.took_p95 = entry->took.percentile(0.95);
    status.took_p99 = entry->took.percentile(0.99);
    status.cpu = entry->cpu;
    status.conditions = entry->conditions;
    status.notice = entry->notice;
    status.isolation = entry->instance.isolation;
    status.version = entry->instance.version;
    if (const auto next = waits ? entry->due : view.next_run) {
      status.next_run = wall + std::chrono::floor<std::chrono::microseconds>(*next - instant);
    }
    all.push_back(std::move(status));
  }
  return all;
}

ScheduleStatus Runner::schedule_status() const {
  auto status = totals_;
  status.missed_for_room = schedule_.missed_for_room();
  status.overload = load_.warning();
  return status;
}

std::vector<PluginStatus> Runner::plugin_status() const {
  struct Sum {
    PluginStatus status;
    HealthState worst = HealthState::healthy;
  };
  std::map<std::string_view, Sum> plugins;
  for (const auto& entry : entries_) {
    if (!entry || entry->leaving) continue;
    const auto& health = entry->health;
    auto& [status, worst] = plugins[entry->instance.plugin];
    status.last_run = std::max(status.last_run, health.last_run());
    status.last_success = std::max(status.last_success, health.last_success());
    if (!health.last_error().empty()) status.last_error = health.last_error();
    status.error_count += health.errors();
    status.consecutive_errors = std::max(status.consecutive_errors, health.consecutive_errors());
    worst = std::max(worst, state(*entry));
  }
  std::vector<PluginStatus> all;
  for (auto& [plugin, sum] : plugins) {
    sum.status.plugin_id = plugin;
    sum.status.health_status = to_text(sum.worst);
    all.push_back(std::move(sum.status));
  }
  return all;
}

}  // namespace unity::host
