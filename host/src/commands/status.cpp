#include <fmt/format.h>

#include "base/table.hpp"
#include "commands/support.hpp"
#include "control/control.hpp"

namespace unity::host {
namespace {

std::string text_of(const json::Value& object, std::string_view name) {
  const auto* value = object.find(name);
  if (value == nullptr || value->is_null()) return "-";
  if (const auto* text = value->string()) return *text;
  return json::dump(*value);
}

double number_of(const json::Value& object, std::string_view name) {
  const auto* value = object.find(name);
  return value != nullptr ? value->number() : 0;
}

std::string to_text(const json::Value& status) {
  static const json::Value nothing;
  const auto part = [&](std::string_view name) -> const json::Value& {
    const auto* found = status.find(name);
    return found != nullptr ? *found : nothing;
  };
  const auto& accounting = part("accounting");
  auto text = fmt::format(
      "unity {} (process {}), up since {}\nstate in {}, storing into {} {}\n"
      "records: {} collected = {} stored + {} rejected + {} dropped + {} in flight\n",
      text_of(status, "version"), text_of(status, "pid"), text_of(status, "started"),
      text_of(status, "state_dir"), text_of(part("database"), "type"),
      text_of(part("database"), "path"), text_of(accounting, "collected"),
      text_of(accounting, "stored"), text_of(accounting, "rejected"),
      text_of(accounting, "dropped"), text_of(accounting, "in_flight"));
  if (const auto* reasons = accounting.find("dropped_by"); reasons && reasons->object()) {
    for (const auto& [reason, count] : *reasons->object()) {
      text += fmt::format("  dropped as {}: {}\n", reason, json::dump(count));
    }
  }
  if (const auto* warnings = part("warnings").array()) {
    for (const auto& warning : *warnings) text += "FAULT: " + *warning.string() + "\n";
  }
  const auto& schedule = part("schedule");
  text += fmt::format("runs: {} started, {:.1f} ms late at p99, {} missed for want of room\n",
                      text_of(schedule, "started"), number_of(schedule, "lateness_p99_ms"),
                      text_of(schedule, "missed_for_room"));
  if (const auto change = text_of(schedule, "last_clock_change"); !change.empty()) {
    text += "last change of the clock: " + change + "\n";
  }
  Table table({"COLLECTOR", "PLUGIN", "STATE", "RUNS", "MISSED", "P50 MS", "P99 MS", "CPU S",
               "LAST RUN", "NEXT RUN", "REASON"});
  if (const auto* instances = part("instances").array()) {
    for (const auto& instance : *instances) {
      table.add({text_of(instance, "id"), text_of(instance, "plugin"), text_of(instance, "state"),
                 text_of(instance, "runs"), text_of(instance, "missed"),
                 fmt::format("{:.1f}", number_of(instance, "duration_p50_ms")),
                 fmt::format("{:.1f}", number_of(instance, "duration_p99_ms")),
                 fmt::format("{:.2f}", number_of(instance, "cpu_seconds")),
                 text_of(instance, "last_run"), text_of(instance, "next_run"),
                 text_of(instance, "reason")});
    }
  }
  return text + "\n" + table.to_text();
}

}  // namespace

int status_command(const CommonOptions& common) {
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  const auto status = ask_host(loaded->config->state_dir, json::Object{{"command", "status"}});
  if (!status) return report(status.error());
  if (common.json) {
    print_json(*status);
  } else {
    print(to_text(*status));
  }
  return kExitDone;
}

}  // namespace unity::host
