#include <fmt/format.h>
#include <unistd.h>

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
                      {"balanced", accounting.balanced()}};
}

Value to_json(const InstanceStatus& instance) {
  const auto& health = instance.health;
  return json::Object{{"id", instance.id},
                      {"plugin", instance.plugin},
                      {"version", instance.version},
                      {"isolation", instance.isolation},
                      {"state", to_text(instance.state)},
                      {"notice", instance.notice},
                      {"reason", instance.reason},
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
                      {"last_duration_ms", milliseconds(instance.last_took)},
                      {"duration_p50_ms", milliseconds(instance.took_p50)},
                      {"duration_p95_ms", milliseconds(instance.took_p95)},
                      {"duration_p99_ms", milliseconds(instance.took_p99)},
                      {"cpu_seconds", seconds(instance.cpu)}};
}

Value to_json(const ScheduleStatus& schedule) {
  const auto& lateness = schedule.lateness;
  return json::Object{{"started", schedule.started},
                      {"missed_for_room", schedule.missed_for_room},
                      {"lateness_p50_ms", milliseconds(lateness.percentile(0.5))},
                      {"lateness_p95_ms", milliseconds(lateness.percentile(0.95))},
                      {"lateness_p99_ms", milliseconds(lateness.percentile(0.99))},
                      {"lateness_max_ms", milliseconds(lateness.max())},
                      {"last_clock_change", schedule.clock_change}};
}

// One for each storage.
Value accounts_of(const InstanceStatus& instance, const DeliveryState& delivery) {
  json::Array accounts;
  for (const auto& one : delivery.instances) {
    if (one.instance != instance.id) continue;
    for (std::size_t i = 0; i < one.storages.size(); ++i) {
      auto account = to_json(one.storages[i]);
      account.set("storage", delivery.storages[i].id);
      accounts.push_back(std::move(account));
    }
  }
  return accounts;
}

Value to_json(const std::vector<Condition>& conditions) {
  json::Array list;
  for (const auto& one : conditions) {
    list.emplace_back(json::Object{{"name", one.name},
                                   {"count", one.count},
                                   {"first", one.first},
                                   {"last", one.last},
                                   {"first_time", to_rfc3339(one.first_time)},
                                   {"last_time", to_rfc3339(one.last_time)}});
  }
  return list;
}

Value to_json(const std::optional<db::PoolState>& pool) {
  if (!pool) return nullptr;
  json::Array leaks;
  for (const auto& leak : pool->leaks) {
    leaks.emplace_back(json::Object{{"holder", leak.holder}, {"held_seconds", seconds(leak.held)}});
  }
  return json::Object{{"in_use", static_cast<std::uint64_t>(pool->in_use)},
                      {"idle", static_cast<std::uint64_t>(pool->idle)},
                      {"waiting", static_cast<std::uint64_t>(pool->waiting)},
                      {"created", pool->created},
                      {"recycled", pool->recycled},
                      {"timeouts", pool->timeouts},
                      {"turned_away", pool->turned_away},
                      {"broken", pool->broken},
                      {"leaks", std::move(leaks)}};
}

Value to_json(const StorageState& storage, const StoragePlace& place, const HostStatus& status) {
  const auto& writer = storage.writer;
  Value next_try;
  if (writer.next_try) {
    const auto in = *writer.next_try - std::chrono::steady_clock::now();
    next_try = to_rfc3339(status.now + std::chrono::floor<std::chrono::microseconds>(in));
  }
  json::Array datasets;
  for (const auto& one : writer.datasets) {
    datasets.push_back(json::Object{{"name", one.name},
                                    {"owner", one.owner},
                                    {"version", one.version},
                                    {"state", one.state},
                                    {"problem", one.problem}});
  }
  return json::Object{{"id", storage.id},
                      {"type", place.type},
                      {"path", place.place},
                      {"required", storage.required},
                      {"circuit", to_text(writer.circuit)},
                      {"problem", writer.problem},
                      {"failures", writer.failures},
                      {"next_try", std::move(next_try)},
                      {"commits", writer.commits},
                      {"last_commit_ms", milliseconds(writer.last_commit_took)},
                      {"datasets", std::move(datasets)},
                      {"pool", to_json(writer.pool)},
                      {"accounting", to_json(storage.accounting)}};
}

Value to_json(const db::SpoolState& spool) {
  return json::Object{{"bytes", spool.bytes},
                      {"max_bytes", spool.max_bytes},
                      {"segments", spool.segments},
                      {"records", spool.end.records},
                      {"sync", db::to_text(spool.mode)},
                      {"when_full", db::to_text(spool.when_full)},
                      {"full", spool.full},
                      {"problem", spool.problem}};
}

}  // namespace

Value to_json(const RunOutcome& outcome) {
  return json::Object{{"ran", !outcome.fresh},
                      {"outcome", to_text(outcome.run_class)},
                      {"message", outcome.message},
                      {"started", to_rfc3339(outcome.started)},
                      {"duration_ms", milliseconds(outcome.took)},
                      {"records", outcome.records}};
}

Value to_json(const HostStatus& status) {
  const auto& delivery = status.delivery;
  const auto& first = delivery.storages.front().writer;
  json::Array storages;
  for (std::size_t i = 0; i < delivery.storages.size(); ++i) {
    storages.push_back(to_json(delivery.storages[i], status.places[i], status));
  }
  json::Array instances;
  for (const auto& instance : status.instances) {
    instances.push_back(to_json(instance));
    instances.back().set("accounts", accounts_of(instance, delivery));
    instances.back().set("conditions", to_json(instance.conditions));
  }
  json::Array warnings;
  for (const auto& warning : status.warnings) warnings.emplace_back(warning);
  return json::Object{
      {"version", kHostVersion},
      {"pid", std::int64_t{::getpid()}},
      {"time", to_rfc3339(status.now)},
      {"started", to_rfc3339(status.started)},
      {"uptime_seconds", seconds(status.now - status.started)},
      {"state_dir", status.state_dir},
      {"http", status.http_url.empty() ? Value() : Value(status.http_url)},
      {"database", json::Object{{"type", status.places.front().type},
                                {"path", status.places.front().place},
                                {"problem", first.problem},
                                {"commits", first.commits},
                                {"last_commit_ms", milliseconds(first.last_commit_took)}}},
      {"storages", std::move(storages)},
      {"spool", to_json(delivery.spool)},
      {"accounting", to_json(overall(delivery))},
      {"host_made", delivery.host_made},
      {"schedule", to_json(status.schedule)},
      {"workers", json::Object{{"alive", static_cast<std::uint64_t>(status.workers)},
                               {"abandoned", static_cast<std::uint64_t>(status.abandoned)},
                               {"not_enforced", json::array_of(status.not_enforced)}}},
      {"instances", std::move(instances)},
      {"warnings", std::move(warnings)}};
}

}  // namespace unity::host
