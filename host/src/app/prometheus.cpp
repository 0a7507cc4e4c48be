#include <fmt/format.h>

#include <set>

#include "app/host_status.hpp"
#include "host_version.hpp"

namespace unity::host {
namespace {

class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   type);
  }
  void sample(std::string_view name, std::string_view labels, double value) {
    text_ += name;
    if (!labels.empty()) fmt::format_to(std::back_inserter(text_), "{{{}}}", labels);
    fmt::format_to(std::back_inserter(text_), " {}\n", value);
  }
  void single(std::string_view name, std::string_view type, std::string_view help, double value) {
    family(name, type, help);
    sample(name, "", value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string label(std::string_view name, std::string_view value) {
  return fmt::format("{}=\"{}\"", name, escaped(value));
}

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

void add_records(Exposition& out, const DeliveryState& delivery) {
  const auto& accounting = overall(delivery);
  const auto& writer = delivery.storages.front().writer;
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  out.single("unity_records_collected_total", "counter", "Records returned by accepted runs.",
             count(accounting.collected));
  out.single("unity_records_stored_total", "counter", "Records committed durably.",
             count(accounting.stored));
  out.single("unity_records_rejected_total", "counter", "Bad records, kept aside.",
             count(accounting.rejected));
  out.family("unity_records_dropped_total", "counter", "Records dropped, by reason.");
  for (const auto& [reason, dropped] : accounting.dropped_by) {
    out.sample("unity_records_dropped_total", label("reason", reason), count(dropped));
  }
  out.single("unity_records_in_flight", "gauge", "Records waiting for storage or being written.",
             count(accounting.in_flight));
  out.single("unity_records_balanced", "gauge",
             "1 if collected = stored + rejected + dropped + in flight.",
             accounting.balanced() ? 1 : 0);
  out.single("unity_storage_up", "gauge", "0 while the storage takes nothing.",
             writer.problem.empty() ? 1 : 0);
  out.single("unity_storage_commits_total", "counter", "Committed batches.", count(writer.commits));
  out.single("unity_storage_last_commit_seconds", "gauge", "How long the last commit took.",
             std::chrono::duration<double>(writer.last_commit_took).count());
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
  add_records(out, status.delivery);
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
