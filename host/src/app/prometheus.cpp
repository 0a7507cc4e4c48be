#include <fmt/format.h>

#include <set>

#include "app/exposition.hpp"
#include "app/host_status.hpp"
#include "host_version.hpp"

namespace unity::host {
namespace {

// Names may hold letters, digits and underscores, and begin with no digit.
std::string identifier(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                         (c >= '0' && c <= '9' && !out.empty());
    out += allowed ? c : '_';
  }
  return out;
}

template <class Number>
void add_per_instance(Exposition& out, const std::vector<InstanceStatus>& instances,
                      std::string_view name, std::string_view type, std::string_view help,
                      Number number) {
  out.family(name, type, help);
  for (const auto& instance : instances) {
    out.sample(name, label("instance", instance.id) + "," + label("plugin", instance.plugin),
               static_cast<double>(number(instance)));
  }
}

void add_schedule(Exposition& out, const ScheduleStatus& schedule) {
  out.single("unity_schedule_runs_started_total", "counter", "Runs that were started.",
             static_cast<double>(schedule.started));
  out.single("unity_schedule_missed_for_room_total", "counter",
             "Runs missed because max_concurrent or max_per_target were reached.",
             static_cast<double>(schedule.missed_for_room));
  out.family("unity_schedule_lateness_seconds", "summary",
             "From when a run was due to when it began, lately.");
  for (const double share : {0.5, 0.95, 0.99}) {
    out.sample("unity_schedule_lateness_seconds", fmt::format("quantile=\"{}\"", share),
               std::chrono::duration<double>(schedule.lateness.percentile(share)).count());
  }
}

void add_values(Exposition& out, const std::vector<LatestValue>& values) {
  std::string family;
  for (const auto& value : values) {
    const auto name = identifier(fmt::format("unity_value_{}_{}", value.metric, value.field));
    if (name != family) {
      out.family(name, "gauge",
                 escaped(fmt::format("Field {} of metric {}, unit {}.", value.field, value.metric,
                                     value.unit.empty() ? "none" : value.unit)));
      family = name;
    }
    auto labels =
        label("device", value.origin.device) + "," + label("instance", value.origin.instance);
    std::set<std::string> used;  // two tags may become the same label: the later gets a tail
    for (const auto& [key, tag] : value.tags) {
      auto name_of_tag = "tag_" + identifier(key);
      while (!used.insert(name_of_tag).second) name_of_tag += '_';
      labels += "," + label(name_of_tag, tag);
    }
    out.sample(name, labels, value.value);
  }
}

}  // namespace

std::string to_prometheus(const HostStatus& status, const std::vector<LatestValue>& values) {
  Exposition out;
  out.family("unity_build_info", "gauge", "The version of the host.");
  out.sample("unity_build_info", label("version", kHostVersion), 1);
  out.single("unity_start_time_seconds", "gauge", "When the host started, since the epoch.",
             std::chrono::duration<double>(status.started.time_since_epoch()).count());
  add_delivery(out, status.delivery);
  const auto& instances = status.instances;
  add_per_instance(out, instances, "unity_collector_runs_total", "counter", "Runs that ended.",
                   [](const InstanceStatus& i) { return i.health.runs(); });
  add_per_instance(out, instances, "unity_collector_errors_total", "counter", "Runs that failed.",
                   [](const InstanceStatus& i) { return i.health.errors(); });
  add_per_instance(out, instances, "unity_collector_missed_total", "counter",
                   "Runs that could not start before their next slot.",
                   [](const InstanceStatus& i) { return i.missed; });
  add_per_instance(out, instances, "unity_collector_healthy", "gauge",
                   "1 if the collector is healthy.",
                   [](const InstanceStatus& i) { return i.state == HealthState::healthy ? 1 : 0; });
  add_per_instance(out, instances, "unity_collector_last_duration_seconds", "gauge",
                   "How long the last run took.", [](const InstanceStatus& i) {
                     return std::chrono::duration<double>(i.last_took).count();
                   });
  add_per_instance(
      out, instances, "unity_collector_cpu_seconds_total", "counter", "Processor time of all runs.",
      [](const InstanceStatus& i) { return std::chrono::duration<double>(i.cpu).count(); });
  add_schedule(out, status.schedule);
  add_values(out, values);
  return out.take();
}

}  // namespace unity::host
