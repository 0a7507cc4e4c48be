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

std::string unit_text(const std::string& unit) { return unit.empty() ? "-" : unit; }

// Of a Point or a SeriesName.
template <class Named>
void add_name(json::Value& object, const Named& named) {
  json::Value tags{json::Object()};
  for (const auto& [key, value] : named.tags) tags.set(key, value);
  object.set("device", named.device);
  object.set("plugin", named.plugin);
  object.set("instance", named.instance);
  object.set("metric", named.metric);
  object.set("field", named.field);
  object.set("unit", named.unit);
  object.set("tags", std::move(tags));
}

json::Value to_json(const Point& point) {
  json::Value made{json::Object{{"time", to_rfc3339(point.time)}}};
  add_name(made, point);
  made.set("value", to_value(point.value));
  return made;
}

json::Value to_json(const Answered& how, Aggregate aggregate) {
  return json::Object{{"from", to_rfc3339(how.from)},
                      {"to", to_rfc3339(how.to)},
                      {"aggregate", std::string(unity::to_text(aggregate))},
                      {"resolution", std::string(unity::to_text(how.resolution))},
                      {"complete_until", to_rfc3339(how.complete_until)}};
}

// Below a table: what the numbers above it were made of.
void print_how(const Answered& how) {
  print(fmt::format("\n{} to {}, resolution {}{}\n", to_rfc3339(how.from), to_rfc3339(how.to),
                    unity::to_text(how.resolution),
                    how.complete_until < how.to
                        ? fmt::format(", computed until {}", to_rfc3339(how.complete_until))
                        : ""));
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
               text != nullptr ? *text : json::dump(to_value(point.value)), unit_text(point.unit),
               to_text(point.tags)});
  }
  print(table.to_text());
  return kExitDone;
}

int print_buckets(const CommonOptions& common, Aggregate aggregate, const BucketAnswer& answer) {
  if (common.json) {
    json::Array list;
    for (const auto& [name, buckets] : answer.series) {
      json::Array points;
      for (const auto& bucket : buckets) {
        points.push_back(json::Object{
            {"time", to_rfc3339(bucket.begin)}, {"value", bucket.value}, {"n", bucket.n}});
      }
      json::Value series{json::Object()};
      add_name(series, name);
      series.set("points", std::move(points));
      list.push_back(std::move(series));
    }
    auto made = to_json(answer.how, aggregate);
    made.set("step", unity::to_text(Duration(answer.step)));
    made.set("series", std::move(list));
    print_json(made);
    return kExitDone;
  }
  Table table({"TIME", "DEVICE", "INSTANCE", "METRIC", "FIELD", "VALUE", "N", "UNIT", "TAGS"});
  for (const auto& [name, buckets] : answer.series) {
    for (const auto& bucket : buckets) {
      table.add({to_rfc3339(bucket.begin), name.device, name.instance, name.metric, name.field,
                 fmt::format("{:.6g}", bucket.value), std::to_string(bucket.n),
                 unit_text(name.unit), to_text(name.tags)});
    }
  }
  print(table.to_text());
  print_how(answer.how);
  return kExitDone;
}

int print_top(const CommonOptions& common, Aggregate aggregate, const TopAnswer& answer) {
  if (common.json) {
    json::Array list;
    for (const auto& [name, n, value] : answer.series) {
      json::Value series{json::Object()};
      add_name(series, name);
      series.set("value", value);
      series.set("n", n);
      list.push_back(std::move(series));
    }
    auto made = to_json(answer.how, aggregate);
    made.set("series", std::move(list));
    print_json(made);
    return kExitDone;
  }
  Table table({"VALUE", "N", "DEVICE", "INSTANCE", "METRIC", "FIELD", "UNIT", "TAGS"});
  for (const auto& [name, n, value] : answer.series) {
    table.add({fmt::format("{:.6g}", value), std::to_string(n), name.device, name.instance,
               name.metric, name.field, unit_text(name.unit), to_text(name.tags)});
  }
  print(table.to_text());
  print_how(answer.how);
  return kExitDone;
}

Result<SeriesFilter> to_filter(const SeriesOptions& options) {
  SeriesFilter filter{options.metric};
  filter.field = options.field;
  filter.device = options.device;
  filter.plugin = options.plugin;
  filter.instance = options.instance;
  for (const auto& tag : options.tags) {
    const auto equals = tag.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{Errc::invalid,
                   fmt::format("--tag \"{}\" is not KEY=VALUE, as in --tag name=web", tag)};
    }
    filter.tags.set(tag.substr(0, equals), tag.substr(equals + 1));
  }
  return filter;
}

struct Span {
  Time from;
  Time to;
};

Result<Span> to_span(const std::string& from, const std::string& to) {
  const auto now = wall_now();  // one for both, so that "now" is not before "now"
  const auto begin = parse_moment(from, now);
  const auto end = parse_moment(to, now);
  if (!begin || !end) {
    return Error{Errc::invalid,
                 fmt::format("\"{}\" is not a time; write it like 2026-01-31T12:00:00Z, \"now\", "
                             "or -1h for an hour ago",
                             begin ? to : from)};
  }
  if (*begin >= *end) {
    return Error{Errc::invalid, fmt::format("--from {} is not before --to {}", to_rfc3339(*begin),
                                            to_rfc3339(*end))};
  }
  return Span{*begin, *end};
}

Result<Aggregate> to_aggregate(const std::string& text) {
  if (const auto aggregate = parse_aggregate(text)) return *aggregate;
  return Error{Errc::invalid, fmt::format("--aggregate \"{}\" is none of avg, min, max, sum, count "
                                          "and last",
                                          text)};
}

Result<Time::duration> to_step(const std::string& text) {
  if (text.empty()) return Time::duration::zero();
  const auto step = parse_duration(text);
  if (step && *step >= Time::duration(1)) return std::chrono::floor<Time::duration>(*step);
  return Error{Errc::invalid, fmt::format("--step \"{}\" is not a time like 5m, 1h or 1d", text)};
}

// What was asked for and cannot be answered is a matter of the options.
int report_answer(const Error& error) {
  return error.code == Errc::invalid ? report_usage(error) : report(error);
}

// Calls `ask` with a reader of the database that the options name.
template <class Ask>
int with_reader(const CommonOptions& common, Ask ask) {
  return with_database(common, [&](const db::DatabaseConfig& database) -> int {
    const auto reader = db::open_reader(database);
    return reader ? ask(**reader) : report(reader.error());
  });
}

}  // namespace

int query_latest_command(const CommonOptions& common, const SeriesOptions& series) {
  const auto filter = to_filter(series);
  if (!filter) return report_usage(filter.error());
  return with_reader(
      common, [&](MetricReader& reader) { return print_points(common, reader.latest(*filter)); });
}

int query_range_command(const CommonOptions& common, const RangeOptions& range) {
  const auto filter = to_filter(range.series);
  if (!filter) return report_usage(filter.error());
  const auto span = to_span(range.from, range.to);
  if (!span) return report_usage(span.error());
  if (range.step.empty() && range.aggregate.empty()) {
    return with_reader(common, [&](MetricReader& reader) {
      return print_points(common, reader.range(*filter, span->from, span->to, range.limit));
    });
  }
  const auto aggregate = to_aggregate(range.aggregate.empty() ? "avg" : range.aggregate);
  if (!aggregate) return report_usage(aggregate.error());
  const auto step = to_step(range.step);
  if (!step) return report_usage(step.error());
  return with_reader(common, [&](MetricReader& reader) {
    const auto answer =
        reader.buckets({*filter, span->from, span->to, *aggregate, *step, range.points});
    return answer ? print_buckets(common, *aggregate, *answer) : report_answer(answer.error());
  });
}

int query_top_command(const CommonOptions& common, const TopOptions& top) {
  const auto filter = to_filter(top.series);
  if (!filter) return report_usage(filter.error());
  const auto span = to_span(top.from, top.to);
  if (!span) return report_usage(span.error());
  const auto aggregate = to_aggregate(top.aggregate);
  if (!aggregate) return report_usage(aggregate.error());
  return with_reader(common, [&](MetricReader& reader) {
    const auto answer =
        reader.top({*filter, span->from, span->to, *aggregate, top.count, top.lowest});
    return answer ? print_top(common, *aggregate, *answer) : report_answer(answer.error());
  });
}

}  // namespace unity::host
