#include "postgres/reader.hpp"

#include "frames/series_rows.hpp"
#include "postgres/frame_form.hpp"
#include "postgres/transaction.hpp"
#include "query/query_sql.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kDoing = "read points from";
constexpr std::string_view kBeginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

constexpr const char* kNewest =
    "SELECT f.* FROM unnest($1) WITH ORDINALITY AS s(source_id, ordinal) CROSS JOIN LATERAL "
    "(SELECT time, vals, doc, s.ordinal FROM metric_frames m WHERE m.source_id = s.source_id "
    "ORDER BY time DESC LIMIT 1) f";
constexpr const char* kLast =
    "SELECT time, vals, doc FROM metric_frames WHERE source_id = $1 ORDER BY time DESC LIMIT $2";
constexpr const char* kFirst =
    "SELECT time, vals, doc FROM metric_frames WHERE source_id = $1 AND time >= $2 AND time < $3 "
    "ORDER BY time LIMIT $4";
// Of integers that vals holds rounded, doc would give the exact form: that is more than sums need.
constexpr const char* kBetween =
    "SELECT f.time, f.vals, s.ordinal FROM unnest($1) WITH ORDINALITY AS s(source_id, ordinal) "
    "CROSS JOIN LATERAL (SELECT time, vals FROM metric_frames m WHERE m.source_id = s.source_id "
    "AND m.time >= $2 AND m.time < $3 ORDER BY m.time LIMIT $4) f LIMIT $4";

std::vector<std::int64_t> ids_of(const std::vector<NamedSource>& sources) {
  std::vector<std::int64_t> ids;
  for (const auto& source : sources) ids.push_back(source.source.id());
  return ids;
}

// Inside a transaction of the caller's.
class Tables : public QueryTables {
 public:
  explicit Tables(Connection& connection) : connection_(connection) {}

  Result<std::vector<NamedSource>> sources_of(const SeriesFilter& filter) override {
    auto rows = connection_.query(
        source_sql(Dialect::postgresql, filter),
        Parameters(filter.metric, filter.field, filter.device, filter.plugin, filter.instance),
        kDoing);
    if (!rows) return std::move(rows).error();
    return read_sources(*rows);
  }

  Result<std::vector<SourceFrame>> newest(const std::vector<NamedSource>& sources) override {
    auto rows = connection_.query(kNewest, Parameters(Integers{ids_of(sources)}), kDoing);
    if (!rows) return std::move(rows).error();
    std::vector<SourceFrame> found;
    for (int i = 0; i < rows->size(); ++i) {
      const auto index = static_cast<std::size_t>(rows->integer(i, 3)) - 1;
      auto frame = read(*rows, i, sources[index]);
      if (!frame) return std::move(frame).error();
      found.push_back({index, std::move(*frame)});
    }
    return found;
  }

  Result<std::vector<TimedFrame>> last(const NamedSource& source, int count) override {
    return read_all(source, kLast, Parameters(source.source.id(), count));
  }

  Result<std::vector<TimedFrame>> first(const NamedSource& source, Time from, Time to,
                                        int count) override {
    return read_all(source, kFirst, Parameters(source.source.id(), from, to, count));
  }

  Result<Stored> stored(Time from, Time to) override {
    auto rows = connection_.query(stored_sql(Dialect::postgresql), Parameters(from, to), kDoing);
    if (!rows) return std::move(rows).error();
    Stored stored{.all_marked = false};
    for (int i = 0; i < rows->size(); ++i) {
      add_stored(stored, rows->integer(i, 0), rows->bytes(i, 1), rows->time(i, 2));
    }
    return stored;
  }

  Result<std::vector<SourceFrame>> between(const std::vector<NamedSource>& sources, Time from,
                                           Time to, int count) override {
    auto rows =
        connection_.query(kBetween, Parameters(Integers{ids_of(sources)}, from, to, count), kDoing);
    if (!rows) return std::move(rows).error();
    std::vector<SourceFrame> found;
    found.reserve(static_cast<std::size_t>(rows->size()));
    for (int i = 0; i < rows->size(); ++i) {
      const auto index = static_cast<std::size_t>(rows->integer(i, 2)) - 1;
      auto frame = read_frame(rows->bytes(i, 1), {}, sources[index].source);
      if (!frame) return std::move(frame).error();
      found.push_back({index, {rows->time(i, 0), std::move(*frame)}});
    }
    return found;
  }

  Result<void> rollups(const RollupQuery& query, const TakePart& take) override {
    auto rows = connection_.query(rollup_sql(Dialect::postgresql, query),
                                  Parameters(Integers{query.series}, query.from, query.to), kDoing);
    if (!rows) return std::move(rows).error();
    for (int i = 0; i < rows->size(); ++i) {
      take(rows->integer(i, 0), {rows->time(i, 1), rows->integer(i, 2), rows->real(i, 3)});
    }
    return {};
  }

 private:
  static Result<TimedFrame> read(const Rows& rows, int row, const NamedSource& source) {
    auto frame = read_frame(rows.bytes(row, 1), rows.json(row, 2), source.source);
    if (!frame) return std::move(frame).error();
    return TimedFrame{rows.time(row, 0), std::move(*frame)};
  }

  Result<std::vector<TimedFrame>> read_all(const NamedSource& source, const char* sql,
                                           const Parameters& parameters) {
    auto rows = connection_.query(sql, parameters, kDoing);
    if (!rows) return std::move(rows).error();
    std::vector<TimedFrame> frames;
    for (int i = 0; i < rows->size(); ++i) {
      auto frame = read(*rows, i, source);
      if (!frame) return std::move(frame).error();
      frames.push_back(std::move(*frame));
    }
    return frames;
  }

  Connection& connection_;
};

}  // namespace

Result<void> PostgresReader::in_view(const Read& read) {
  auto connection = pool_.take("a reader");
  if (!connection) return std::move(connection).error();
  auto transaction = Transaction::begin(**connection, kBeginReading, kDoing);
  if (!transaction) return std::move(transaction).error();
  Tables tables(**connection);
  return read(tables);
}

}  // namespace unity::db::postgres
