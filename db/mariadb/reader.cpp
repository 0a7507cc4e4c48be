#include "mariadb/reader.hpp"

#include <algorithm>
#include <map>

#include "frames/series_rows.hpp"
#include "mariadb/json_table.hpp"
#include "mariadb/transaction.hpp"
#include "query/query_sql.hpp"

namespace unity::db::mariadb {
namespace {

constexpr std::string_view kDoing = "read points from";

constexpr const char* kNewest =
    "SELECT f.time, f.vals, f.doc, w.ordinal FROM JSON_TABLE(?, '$[*]' COLUMNS "
    "(ordinal FOR ORDINALITY, source_id BIGINT PATH '$[0]')) w "
    "STRAIGHT_JOIN metric_frames f FORCE INDEX (PRIMARY) ON f.source_id = w.source_id "
    "AND f.time = (SELECT m.time FROM metric_frames m WHERE m.source_id = w.source_id "
    "ORDER BY m.time DESC LIMIT 1)";
constexpr const char* kLast =
    "SELECT time, vals, doc FROM metric_frames WHERE source_id = ? ORDER BY time DESC LIMIT ?";
constexpr const char* kFirst =
    "SELECT time, vals, doc FROM metric_frames WHERE source_id = ? AND time >= ? AND time < ? "
    "ORDER BY time LIMIT ?";
// A list of constants makes use of both columns of the key.
constexpr std::size_t kSourcesAtOnce = 10;
constexpr const char* kBetween =
    "SELECT source_id, time, vals FROM metric_frames FORCE INDEX (PRIMARY) "
    "WHERE source_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AND time >= ? AND time < ? "
    "ORDER BY source_id, time LIMIT ?";

// `count` of them from `at` on; if there are fewer, the last one again.
std::vector<std::int64_t> padded(const std::vector<std::int64_t>& ids, std::size_t at,
                                 std::size_t count) {
  std::vector<std::int64_t> some;
  for (std::size_t i = at; i < at + count; ++i) some.push_back(ids[std::min(i, ids.size() - 1)]);
  return some;
}

Result<TimedFrame> read(const Rows& rows, int row) {
  auto frame = parse_frame(rows.bytes(row, 1), rows.bytes(row, 2));
  if (!frame) return std::move(frame).error();
  return TimedFrame{rows.time(row, 0), std::move(*frame)};
}

// Inside a transaction of the caller's.
class Tables : public QueryTables {
 public:
  explicit Tables(Connection& connection) : connection_(connection) {}

  Result<std::vector<NamedSource>> sources_of(const SeriesFilter& filter) override {
    auto rows = connection_.query(
        source_sql(Dialect::mariadb, filter),
        Parameters(filter.metric, filter.field, filter.device, filter.plugin, filter.instance),
        kDoing);
    if (!rows) return std::move(rows).error();
    return read_sources(*rows);
  }

  Result<std::vector<SourceFrame>> newest(const std::vector<NamedSource>& sources) override {
    JsonRows ids;
    for (const auto& source : sources) {
      ids.begin_row();
      ids.add(source.source.id());
    }
    auto rows = connection_.query(kNewest, Parameters(ids.finish()), kDoing);
    if (!rows) return std::move(rows).error();
    std::vector<SourceFrame> found;
    for (int i = 0; i < rows->size(); ++i) {
      auto frame = read(*rows, i);
      if (!frame) return std::move(frame).error();
      found.push_back({static_cast<std::size_t>(rows->integer(i, 3)) - 1, std::move(*frame)});
    }
    return found;
  }

  Result<std::vector<TimedFrame>> last(const NamedSource& source, int count) override {
    return read_all(kLast, Parameters(source.source.id(), count));
  }

  Result<std::vector<TimedFrame>> first(const NamedSource& source, Time from, Time to,
                                        int count) override {
    return read_all(kFirst, Parameters(source.source.id(), from, to, count));
  }

  Result<Stored> stored(Time from, Time to) override {
    auto rows = connection_.query(stored_sql(Dialect::mariadb), Parameters(from, to), kDoing);
    if (!rows) return std::move(rows).error();
    Stored stored{.all_marked = false};
    for (int i = 0; i < rows->size(); ++i) {
      add_stored(stored, rows->integer(i, 0), rows->bytes(i, 1), rows->time(i, 2));
    }
    return stored;
  }

  Result<std::vector<SourceFrame>> between(const std::vector<NamedSource>& sources, Time from,
                                           Time to, int count) override {
    std::vector<std::int64_t> ids;
    std::map<std::int64_t, std::size_t> by_id;
    for (const auto& source : sources) {
      by_id[source.source.id()] = ids.size();
      ids.push_back(source.source.id());
    }
    std::vector<SourceFrame> found;
    for (std::size_t at = 0; at < ids.size() && found.size() < static_cast<std::size_t>(count);
         at += kSourcesAtOnce) {
      const auto left = count - static_cast<int>(found.size());
      auto rows = connection_.query(
          kBetween, Parameters(padded(ids, at, kSourcesAtOnce), from, to, left), kDoing);
      if (!rows) return std::move(rows).error();
      for (int i = 0; i < rows->size(); ++i) {
        auto frame = parse_frame(rows->bytes(i, 2), {});
        if (!frame) return std::move(frame).error();
        found.push_back({by_id[rows->integer(i, 0)], {rows->time(i, 1), std::move(*frame)}});
      }
    }
    return found;
  }

  Result<void> rollups(const RollupQuery& query, const TakePart& take) override {
    const auto* const sql = rollup_sql(Dialect::mariadb, query);
    for (std::size_t at = 0; at < query.series.size(); at += kIdsAtOnce) {
      auto rows = connection_.query(
          sql, Parameters(padded(query.series, at, kIdsAtOnce), query.from, query.to), kDoing);
      if (!rows) return std::move(rows).error();
      for (int i = 0; i < rows->size(); ++i) {
        take(rows->integer(i, 0), {rows->time(i, 1), rows->integer(i, 2), rows->real(i, 3)});
      }
    }
    return {};
  }

 private:
  Result<std::vector<TimedFrame>> read_all(const char* sql, Parameters parameters) {
    auto rows = connection_.query(sql, std::move(parameters), kDoing);
    if (!rows) return std::move(rows).error();
    std::vector<TimedFrame> frames;
    for (int i = 0; i < rows->size(); ++i) {
      auto frame = read(*rows, i);
      if (!frame) return std::move(frame).error();
      frames.push_back(std::move(*frame));
    }
    return frames;
  }

  Connection& connection_;
};

}  // namespace

Result<void> MariadbReader::in_view(const Read& read) {
  auto connection = pool_.take("a reader");
  if (!connection) return std::move(connection).error();
  auto transaction = Transaction::begin_snapshot(**connection, kDoing);
  if (!transaction) return std::move(transaction).error();
  Tables tables(**connection);
  return read(tables);
}

}  // namespace unity::db::mariadb
