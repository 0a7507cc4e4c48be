#include <fmt/format.h>

#include "base/table.hpp"
#include "commands/moment.hpp"
#include "commands/support.hpp"
#include "unity/db/open.hpp"

namespace unity::host {
namespace {

json::Value to_value(const FieldValue& value) {
  return std::visit(
      [](const auto& held) -> json::Value {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
          return nullptr;
        } else {
          return held;
        }
      },
      value);
}

std::string to_text(const Tags& tags) {
  std::string text;
  for (const auto& [key, value] : tags)
    text += (text.empty() ? "" : " ") + key.text() + "=" + value;
  return text.empty() ? "-" : text;
}

json::Value to_json(const Point& point) {
  json::Value tags{json::Object()};
  for (const auto& [key, value] : point.tags) tags.set(key, value);
  return json::Object{{"time", to_rfc3339(point.time)},
                      {"device", point.device},
                      {"plugin", point.plugin},
                      {"instance", point.instance},
                      {"metric", point.metric},
                      {"field", point.field},
                      {"unit", point.unit},
                      {"tags", std::move(tags)},
                      {"value", to_value(point.value)}};
}

int print_points(const CommonOptions& common, const Result<std::vector<Point>>& points) {
  if (!points) return report(points.error());
  if (common.json) {
    json::Array list;
    for (const auto& point : *points) list.push_back(to_json(point));
    print_json(json::Value(std::move(list)));
    return kExitDone;
  }
  Table table({"TIME", "DEVICE", "INSTANCE", "METRIC", "FIELD", "VALUE", "UNIT", "TAGS"});
  for (const auto& point : *points) {
    const auto* text = std::get_if<std::string>(&point.value);
    table.add({to_rfc3339(point.time), point.device, point.instance, point.metric, point.field,
               text != nullptr ? *text : json::dump(to_value(point.value)),
               point.unit.empty() ? "-" : point.unit, to_text(point.tags)});
  }
  print(table.to_text());
  return kExitDone;
}

}  // namespace

int query_latest_command(const CommonOptions& common, const std::string& metric) {
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  const auto database = find_database(*loaded->config, common);
  if (!database) return report(database.error());
  const auto reader = db::open_reader(*database);
  if (!reader) return report(reader.error());
  return print_points(common, (*reader)->latest(metric));
}

int query_range_command(const CommonOptions& common, const RangeOptions& range) {
  const auto from = parse_moment(range.from);
  const auto to = parse_moment(range.to);
  if (!from || !to) {
    report({Errc::invalid,
            fmt::format("\"{}\" is not a time; write it like 2026-01-31T12:00:00Z, \"now\", or "
                        "-1h for an hour ago",
                        from ? range.to : range.from)});
    return kExitUsage;
  }
  if (*from >= *to) {
    report({Errc::invalid,
            fmt::format("--from {} is not before --to {}", to_rfc3339(*from), to_rfc3339(*to))});
    return kExitUsage;
  }
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  const auto database = find_database(*loaded->config, common);
  if (!database) return report(database.error());
  const auto reader = db::open_reader(*database);
  if (!reader) return report(reader.error());
  return print_points(common, (*reader)->range(range.metric, *from, *to, range.limit));
}

}  // namespace unity::host
