#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/host_status.hpp"
#include "base/table.hpp"
#include "host_version.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kValuesMax = 24;

std::string clock_time(const std::optional<Time>& time) {
  return time ? fmt::format("{:%H:%M:%S}", std::chrono::floor<std::chrono::seconds>(*time)) : "-";
}

std::string accounting_line(const Accounting& accounting) {
  auto line = fmt::format("collected {}   stored {}   rejected {}   dropped {}   in flight {}",
                          accounting.collected, accounting.stored, accounting.rejected,
                          accounting.dropped(), accounting.in_flight);
  for (const auto& [reason, count] : accounting.dropped_by) {
    line += fmt::format("   ({}: {})", reason, count);
  }
  return line;
}

// A line for each storage.
std::string storages_text(const HostStatus& status) {
  std::string text;
  for (std::size_t i = 0; i < status.places.size(); ++i) {
    const auto& storage = status.delivery.storages[i];
    text +=
        fmt::format("storing into {} {}{}\n  {}\n", status.places[i].type, status.places[i].place,
                    storage.required ? "" : " (optional)", accounting_line(storage.accounting));
  }
  return text;
}

std::string instances_table(const std::vector<InstanceStatus>& instances, std::size_t width) {
  Table table({"COLLECTOR", "PLUGIN", "STATE", "RUNS", "MISSED", "LAST (UTC)", "TOOK", "REASON"});
  for (const auto& instance : instances) {
    table.add({instance.id, instance.plugin, std::string(to_text(instance.state)),
               fmt::to_string(instance.health.runs()), fmt::to_string(instance.missed),
               clock_time(instance.health.last_run()),
               fmt::format("{:.1f} ms",
                           std::chrono::duration<double, std::milli>(instance.last_took).count()),
               instance.reason});
  }
  return table.to_text(width);
}

// One line for each metric: the fields of one of its sources.
std::string values_table(const std::vector<LatestValue>& values, std::size_t width) {
  struct Line {
    Tags tags;
    std::string fields;
  };
  std::map<std::string, Line> lines;
  for (const auto& value : values) {
    if (value.metric.starts_with('_')) continue;
    auto& line = lines[value.metric];
    // One source stands for all: the total where there is one, else the first.
    const auto* total = value.tags.find("cpu");
    const bool better = total != nullptr && *total == "total" && line.tags != value.tags;
    if (line.fields.empty() || better) line = {value.tags, ""};
    if (line.tags == value.tags) {
      line.fields += fmt::format("{}{} {}{}", line.fields.empty() ? "" : ", ", value.field,
                                 short_number(value.value),
                                 value.unit.empty() || value.unit == "1" ? "" : " " + value.unit);
    }
  }
  Table table({"METRIC", "OF", "NEWEST VALUES"});
  std::size_t shown = 0;
  for (const auto& [metric, line] : lines) {
    if (++shown > kValuesMax) break;
    std::string of;
    for (const auto& [key, value] : line.tags) {
      of += fmt::format("{}{}={}", of.empty() ? "" : " ", key, value);
    }
    table.add({metric, of.empty() ? "-" : of, line.fields});
  }
  return table.empty() ? "waiting for the first values...\n" : table.to_text(width);
}

}  // namespace

std::string to_screen(const HostStatus& status, const std::vector<LatestValue>& values,
                      const std::vector<std::string>& log_lines, std::size_t width) {
  const auto up = std::chrono::floor<std::chrono::seconds>(status.now - status.started);
  auto text = fmt::format("Unity {}   up {:%H:%M:%S}\n{}", kHostVersion, up, storages_text(status));
  for (const auto& warning : status.warnings) text += "FAULT: " + warning + "\n";
  text += "\n" + instances_table(status.instances, width);
  text += "\n" + values_table(values, width);
  if (!log_lines.empty()) {
    text += "\nlog:\n";
    for (const auto& line : log_lines) text += "  " + line.substr(0, width > 2 ? width - 2 : 0);
  }
  text += fmt::format(
      "\nLook at it from another terminal:\n"
      "  unity status --config {0}\n"
      "  unity query latest memory --config {0}\n",
      status.config);
  for (const auto& [type, place] : status.places) {
    if (type != "sqlite") continue;
    text += fmt::format("  sqlite3 {} 'SELECT * FROM plugin_metrics LIMIT 5'\n", place);
  }
  if (!status.http_url.empty()) text += fmt::format("  curl {}/metrics\n", status.http_url);
  return text + "Ctrl-C ends it.\n";
}

}  // namespace unity::host
