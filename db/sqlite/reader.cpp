#include "sqlite/reader.hpp"

#include <algorithm>
#include <iterator>

#include "sqlite/series_rows.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kDoing = "read points from";
constexpr std::int64_t kLookBackMax = 1000;

Time time_of(std::int64_t micros) { return Time(std::chrono::microseconds(micros)); }

}  // namespace

Result<std::vector<Point>> SqliteReader::latest(std::string_view metric) {
  auto transaction = Transaction::begin(connection_, Transaction::Kind::read, kDoing);
  if (!transaction) return std::move(transaction).error();
  auto sources = sources_of(metric);
  if (!sources) return std::move(sources).error();
  auto frames = connection_.prepare(
      "SELECT time, vals, doc FROM metric_frames WHERE source_id = ? ORDER BY time DESC LIMIT ?",
      kDoing);
  if (!frames) return std::move(frames).error();
  std::vector<Point> points;
  for (const auto& source : *sources) {
    LatestPoints latest(source, metric);
    frames->bind(source.source.id(), kLookBackMax);
    while (!latest.done()) {
      auto row = connection_.next(*frames, kDoing);
      if (!row) return std::move(row).error();
      if (!*row) break;
      auto frame = parse_frame(frames->text(1), frames->text(2));
      if (!frame) return std::move(frame).error();
      latest.add(time_of(frames->integer(0)), *frame);
    }
    std::ranges::move(latest.take(), std::back_inserter(points));
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const Point& a, const Point& b) { return a.metric < b.metric; });
  return points;
}

Result<std::vector<Point>> SqliteReader::range(std::string_view metric, Time from, Time to,
                                               std::size_t limit) {
  auto transaction = Transaction::begin(connection_, Transaction::Kind::read, kDoing);
  if (!transaction) return std::move(transaction).error();
  auto sources = sources_of(metric);
  if (!sources) return std::move(sources).error();
  auto frames = connection_.prepare(
      "SELECT time, vals, doc FROM metric_frames WHERE source_id = ? AND time >= ? AND time < ? "
      "ORDER BY time",
      kDoing);
  if (!frames) return std::move(frames).error();
  RangePoints points(metric, limit);
  for (const auto& source : *sources) {
    points.begin_source(source);
    frames->bind(source.source.id(), from, to);
    while (true) {
      auto row = connection_.next(*frames, kDoing);
      if (!row) return std::move(row).error();
      if (!*row) break;
      auto frame = parse_frame(frames->text(1), frames->text(2));
      if (!frame) return std::move(frame).error();
      if (!points.add(time_of(frames->integer(0)), *frame)) break;
    }
  }
  return points.take();
}

Result<std::vector<NamedSource>> SqliteReader::sources_of(std::string_view metric) {
  auto rows = connection_.prepare(
      "SELECT s.source_id, d.hostname, s.plugin_id, s.instance, s.tags "
      "FROM metric_sources s JOIN devices d ON d.device_id = s.device_id "
      "WHERE ?1 = '' OR s.source_id IN (SELECT source_id FROM metric_series WHERE metric_name = "
      "?1) "
      "ORDER BY d.hostname, s.plugin_id, s.instance, s.tags",
      kDoing);
  if (!rows) return std::move(rows).error();
  auto series = connection_.prepare("SELECT " UNITY_SERIES_COLUMNS
                                    " FROM metric_series WHERE source_id = ?1 "
                                    "AND (?2 = '' OR metric_name = ?2)",
                                    kDoing);
  if (!series) return std::move(series).error();
  std::vector<NamedSource> sources;
  rows->bind(metric);
  while (true) {
    auto row = connection_.next(*rows, kDoing);
    if (!row) return std::move(row).error();
    if (!*row) return sources;
    sources.push_back(
        {{std::string(rows->text(1)), std::string(rows->text(2)), std::string(rows->text(3))},
         Tags::from_json(rows->text(4)),
         Source(rows->integer(0))});
    series->bind(rows->integer(0), metric);
    auto loaded = load_series(connection_, *series, sources.back().source, kDoing);
    if (!loaded) return std::move(loaded).error();
  }
}

}  // namespace unity::db
