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
  Table table({"COLLECTOR", "PLUGIN", "STATE", "RUNS", "MISSED", "LAST RUN", "NEXT RUN", "REASON"});
  if (const auto* instances = part("instances").array()) {
    for (const auto& instance : *instances) {
      table.add({text_of(instance, "id"), text_of(instance, "plugin"), text_of(instance, "state"),
                 text_of(instance, "runs"), text_of(instance, "missed"),
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
  const auto reply = ask_host(loaded->config->state_dir, "status");
  if (!reply) return report(reply.error());
  const auto status = json::parse(*reply);
  if (!status) return report({Errc::internal, "the host's answer is " + status.error().message});
  if (common.json) {
    print_json(*status);
  } else {
    print(to_text(*status));
  }
  return kExitDone;
}

}  // namespace unity::host
