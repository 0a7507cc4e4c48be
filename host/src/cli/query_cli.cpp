// The command line of `unity query`.
#include <memory>

#include "cli/options.hpp"

namespace unity::host {
namespace {

// What its options are parsed into.
struct Query {
  CommonOptions common;
  SeriesOptions latest;
  RangeOptions range;
  TopOptions top;
};

void take_series(CLI::App* app, SeriesOptions& series) {
  app->add_option("--field", series.field, "Only this field");
  app->add_option("--device", series.device, "Only of this device");
  app->add_option("--plugin", series.plugin, "Only of this plugin");
  app->add_option("--instance", series.instance, "Only of this collector");
  app->add_option("--tag", series.tags, "Only with this tag, KEY=VALUE; may be repeated");
}

void take_span(CLI::App* app, std::string& from, std::string& to) {
  app->add_option("--from", from, "RFC 3339, or -1h for an hour ago")->capture_default_str();
  app->add_option("--to", to, "RFC 3339, -5m, or now; exclusive")->capture_default_str();
}

constexpr const char* kAggregateHelp = "Of the values: avg, min, max, sum, count or last";

}  // namespace

void add_query_commands(CLI::App& root, Command& chosen) {
  const auto in = std::make_shared<Query>();
  auto* query = add_command(root, "query", "Read what has been stored");
  query->require_subcommand(1);

  auto* latest = add_command(*query, "latest", "The newest stored value of every field");
  latest->add_option("METRIC", in->latest.metric, "Only this metric");
  take_series(latest, in->latest);
  latest->callback(
      [in, &chosen] { chosen = [in] { return query_latest_command(in->common, in->latest); }; });

  auto* range =
      add_command(*query, "range",
                  "Every stored value of a metric within a time range; with --step, --points or "
                  "--aggregate, one for each step");
  range->add_option("METRIC", in->range.series.metric, "The metric")->required();
  take_series(range, in->range.series);
  take_span(range, in->range.from, in->range.to);
  range->add_option("--limit", in->range.limit, "At most so many values")->capture_default_str();
  range->add_option("--step", in->range.step, "How long each value speaks of: 5m, 1h, 1d");
  auto* points = range->add_option("--points", in->range.points,
                                   "Without --step: the shortest that gives at most so many");
  points->check(CLI::PositiveNumber)->capture_default_str();
  range->add_option("--aggregate", in->range.aggregate, kAggregateHelp);
  range->callback([in, points, &chosen] {
    if (points->count() > 0 && in->range.aggregate.empty()) in->range.aggregate = "avg";
    chosen = [in] { return query_range_command(in->common, in->range); };
  });

  auto* top = add_command(*query, "top", "The series that are highest within a time range");
  top->add_option("METRIC", in->top.series.metric, "Only of this metric");
  take_series(top, in->top.series);
  take_span(top, in->top.from, in->top.to);
  top->add_option("--aggregate", in->top.aggregate, kAggregateHelp)->capture_default_str();
  top->add_option("-n,--count", in->top.count, "So many series")->capture_default_str();
  top->add_flag("--lowest", in->top.lowest, "Those that are lowest");
  top->callback(
      [in, &chosen] { chosen = [in] { return query_top_command(in->common, in->top); }; });

  for (auto* command : {latest, range, top}) {
    take_config(command, in->common);
    take_storage(command, in->common);
    take_json(command, in->common.json);
  }
}

}  // namespace unity::host
