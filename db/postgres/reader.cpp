#include "postgres/reader.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "postgres/day_ranges.hpp"
#include "postgres/frame_form.hpp"
#include "postgres/series_rows.hpp"
#include "postgres/transaction.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kDoing = "read points from";
constexpr std::string_view kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// Frames a query: an answer is held in memory as a whole.
constexpr int kPage = 1000;

constexpr const char* kSources =
    "SELECT s.source_id, d.hostname, s.plugin_id, s.instance, "
    "s.tags, " UNITY_POSTGRES_SERIES_COLUMNS
    " FROM metric_sources s JOIN devices d ON d.device_id = s.device_id "
    "JOIN metric_series n ON n.source_id = s.source_id "
    "WHERE $1 = '' OR n.metric_name = $1 ORDER BY s.source_id, n.series_id";
// The newest frame of each source, which nearly always has all of its fields.
constexpr const char* kNewest =
    "SELECT f.* FROM unnest($1) WITH ORDINALITY AS s(source_id, ordinal) CROSS JOIN LATERAL "
    "(SELECT s.ordinal, time, vals, doc FROM metric_frames m WHERE m.source_id = s.source_id "
    "ORDER BY time DESC LIMIT 1) f";
constexpr const char* kLookBack =
    "SELECT time, vals, doc FROM metric_frames WHERE source_id = $1 ORDER BY time DESC LIMIT $2";
constexpr const char* kRange =
    "SELECT time, vals, doc FROM metric_frames WHERE source_id = $1 AND time >= $2 AND time < $3 "
    "ORDER BY time LIMIT $4";

}  // namespace

Result<std::vector<Point>> PostgresReader::latest(std::string_view metric) {
  auto connection = pool_.take("a reader");
  if (!connection) return std::move(connection).error();
  auto transaction = Transaction::begin(**connection, kBegin, kDoing);
  if (!transaction) return std::move(transaction).error();
  auto sources = sources_of(**connection, metric);
  if (!sources) return std::move(sources).error();
  if (sources->empty()) return std::vector<Point>();
  std::vector<std::int64_t> ids;
  std::vector<LatestPoints> latest;
  for (const auto& source : *sources) {
    ids.push_back(source.source.id());
    latest.emplace_back(source, metric);
  }
  auto rows = (*connection)->query(kNewest, Parameters(Integers{ids}), kDoing);
  if (!rows) return std::move(rows).error();
  std::vector<Point> points;
  for (int i = 0; i < rows->size(); ++i) {
    const auto index = static_cast<std::size_t>(rows->integer(i, 0)) - 1;
    const auto& source = (*sources)[index];
    auto frame = read_frame(rows->bytes(i, 2), rows->json(i, 3), source.source);
    if (!frame) return std::move(frame).error();
    latest[index].add(rows->time(i, 1), *frame);
    if (latest[index].done()) continue;
    if (auto done = look_back(**connection, source, latest[index]); !done) {
      return std::move(done).error();
    }
  }
  for (auto& one : latest) std::ranges::move(one.take(), std::back_inserter(points));
  std::stable_sort(points.begin(), points.end(),
                   [](const Point& a, const Point& b) { return a.metric < b.metric; });
  return points;
}

Result<void> PostgresReader::look_back(Connection& connection, const NamedSource& source,
                                       LatestPoints& latest) {
  auto rows = connection.query(kLookBack, Parameters(source.source.id(), kPage), kDoing);
  if (!rows) return std::move(rows).error();
  for (int i = 0; i < rows->size() && !latest.done(); ++i) {
    auto frame = read_frame(rows->bytes(i, 1), rows->json(i, 2), source.source);
    if (!frame) return std::move(frame).error();
    latest.add(rows->time(i, 0), *frame);
  }
  return {};
}

Result<std::vector<Point>> PostgresReader::range(std::string_view metric, Time from, Time to,
                                                 std::size_t limit) {
  auto connection = pool_.take("a reader");
  if (!connection) return std::move(connection).error();
  auto transaction = Transaction::begin(**connection, kBegin, kDoing);
  if (!transaction) return std::move(transaction).error();
  auto sources = sources_of(**connection, metric);
  if (!sources) return std::move(sources).error();
  // What lies outside cannot be stored, and some of it not even be asked for.
  const auto first = std::max<Time>(from, kFirstDay);
  const auto end = std::min<Time>(to, kEndDay);
  RangePoints points(metric, limit);
  for (const auto& source : *sources) {
    points.begin_source(source);
    if (auto done = read_source(**connection, source, first, end, points); !done) {
      return std::move(done).error();
    }
  }
  return points.take();
}

Result<void> PostgresReader::read_source(Connection& connection, const NamedSource& source,
                                         Time from, Time to, RangePoints& points) {
  while (from < to) {
    auto rows = connection.query(kRange, Parameters(source.source.id(), from, to, kPage), kDoing);
    if (!rows) return std::move(rows).error();
    for (int i = 0; i < rows->size(); ++i) {
      auto frame = read_frame(rows->bytes(i, 1), rows->json(i, 2), source.source);
      if (!frame) return std::move(frame).error();
      if (!points.add(rows->time(i, 0), *frame)) return {};
      from = rows->time(i, 0) + Time::duration(1);
    }
    if (rows->size() < kPage) return {};
  }
  return {};
}

Result<std::vector<NamedSource>> PostgresReader::sources_of(Connection& connection,
                                                            std::string_view metric) {
  auto rows = connection.query(kSources, Parameters(metric), kDoing);
  if (!rows) return std::move(rows).error();
  std::vector<NamedSource> sources;
  for (int i = 0; i < rows->size(); ++i) {
    const auto id = rows->integer(i, 0);
    if (sources.empty() || sources.back().source.id() != id) {
      sources.push_back({{std::string(rows->bytes(i, 1)), std::string(rows->bytes(i, 2)),
                          std::string(rows->bytes(i, 3))},
                         Tags::from_json(rows->json(i, 4)),
                         Source(id)});
    }
    load_series(*rows, i, 5, sources.back().source);
  }
  // The server's order of texts depends on its locale.
  const auto name = [](const NamedSource& source) {
    return std::tuple(source.origin.device, source.origin.plugin, source.origin.instance,
                      source.tags.to_json());
  };
  std::sort(sources.begin(), sources.end(),
            [&name](const NamedSource& a, const NamedSource& b) { return name(a) < name(b); });
  return sources;
}

}  // namespace unity::db::postgres
