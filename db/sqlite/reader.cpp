#include "sqlite/reader.hpp"

#include <map>

#include "query/query_sql.hpp"
#include "sqlite/series_rows.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kDoing = "read points from";
constexpr const char* kNewest =
    "SELECT time, vals, doc FROM metric_frames WHERE source_id = ? ORDER BY time DESC LIMIT 1";
constexpr const char* kLast =
    "SELECT time, vals, doc FROM metric_frames WHERE source_id = ? ORDER BY time DESC LIMIT ?";
constexpr const char* kFirst =
    "SELECT time, vals, doc FROM metric_frames WHERE source_id = ? AND time >= ? AND time < ? "
    "ORDER BY time LIMIT ?";
constexpr const char* kBetween =
    "SELECT time, vals, NULL FROM metric_frames WHERE source_id = ? AND time >= ? AND time < ? "
    "ORDER BY time LIMIT ?";

std::string json_list(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const auto number : numbers) text += (text.empty() ? '[' : ',') + std::to_string(number);
  return text.empty() ? "[]" : text + ']';
}

// Inside a transaction of the caller's.
class SqliteTables : public QueryTables {
 public:
  explicit SqliteTables(Connection& connection) : connection_(connection) {}

  Result<std::vector<NamedSource>> sources_of(const SeriesFilter& filter) override {
    auto rows = prepared(source_sql(Dialect::sqlite, filter));
    if (!rows) return std::move(rows).error();
    (*rows)->bind(filter.metric, filter.field, filter.device, filter.plugin, filter.instance);
    std::vector<NamedSource> sources;
    auto done = each(**rows, [&](const Statement& row) -> Result<void> {
      const auto id = row.integer(0);
      if (sources.empty() || sources.back().source.id() != id) {
        sources.push_back(
            {{std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3))},
             Tags::from_json(row.text(4)),
             Source(id)});
      }
      sources.back().source.load(read_series(row, 5));
      return {};
    });
    if (!done) return std::move(done).error();
    return sources;
  }

  Result<std::vector<SourceFrame>> newest(const std::vector<NamedSource>& sources) override {
    std::vector<SourceFrame> found;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      auto done = frames(
          kNewest,
          [&](TimedFrame timed) {
            found.push_back({i, std::move(timed)});
          },
          sources[i].source.id());
      if (!done) return std::move(done).error();
    }
    return found;
  }

  Result<std::vector<TimedFrame>> last(const NamedSource& source, int count) override {
    std::vector<TimedFrame> found;
    auto done = frames(
        kLast, [&](TimedFrame timed) { found.push_back(std::move(timed)); }, source.source.id(),
        count);
    if (!done) return std::move(done).error();
    return found;
  }

  Result<std::vector<TimedFrame>> first(const NamedSource& source, Time from, Time to,
                                        int count) override {
    std::vector<TimedFrame> found;
    auto done = frames(
        kFirst, [&](TimedFrame timed) { found.push_back(std::move(timed)); }, source.source.id(),
        from, to, count);
    if (!done) return std::move(done).error();
    return found;
  }

  Result<Stored> stored(Time from, Time to) override {
    auto rows = prepared(stored_sql(Dialect::sqlite));
    if (!rows) return std::move(rows).error();
    (*rows)->bind(from, to);
    Stored stored{.all_marked = false};
    auto done = each(**rows, [&](const Statement& row) -> Result<void> {
      add_stored(stored, row.integer(0), row.text(1), row.time(2));
      return {};
    });
    if (!done) return std::move(done).error();
    return stored;
  }

  Result<std::vector<SourceFrame>> between(const std::vector<NamedSource>& sources, Time from,
                                           Time to, int count) override {
    std::vector<SourceFrame> found;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const auto left = count - static_cast<int>(found.size());
      if (left == 0) break;
      auto done = frames(
          kBetween,
          [&](TimedFrame timed) {
            found.push_back({i, std::move(timed)});
          },
          sources[i].source.id(), from, to, left);
      if (!done) return std::move(done).error();
    }
    return found;
  }

  Result<void> rollups(const RollupQuery& query, const TakePart& take) override {
    auto rows = prepared(rollup_sql(Dialect::sqlite, query));
    if (!rows) return std::move(rows).error();
    const auto series = json_list(query.series);
    (*rows)->bind(series, query.from, query.to);
    auto done = each(**rows, [&](const Statement& row) -> Result<void> {
      take(row.integer(0), {row.time(1), row.integer(2), row.real(3)});
      return {};
    });
    (*rows)->reset();
    return done;
  }

 private:
  Result<Statement*> prepared(const char* sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
      auto made = connection_.prepare(sql, kDoing);
      if (!made) return std::move(made).error();
      found = statements_.emplace(sql, std::move(*made)).first;
    }
    return &found->second;
  }

  // Ends, and is reset, after the last row.
  template <class Take>
  Result<void> each(Statement& rows, Take take) {
    while (true) {
      auto row = connection_.next(rows, kDoing);
      if (!row) return std::move(row).error();
      if (!*row) return {};
      if (auto taken = take(rows); !taken) return taken;
    }
  }

  template <class Take, class... Values>
  Result<void> frames(const char* sql, Take take, const Values&... values) {
    auto rows = prepared(sql);
    if (!rows) return std::move(rows).error();
    (*rows)->bind(values...);
    return each(**rows, [&take](const Statement& row) -> Result<void> {
      auto frame = parse_frame(row.text(1), row.text(2));
      if (!frame) return std::move(frame).error();
      take(TimedFrame{row.time(0), std::move(*frame)});
      return {};
    });
  }

  Connection& connection_;
  std::map<const char*, Statement> statements_;  // by address: the texts are constants
};

}  // namespace

Result<void> SqliteReader::in_view(const Read& read) {
  auto transaction = Transaction::begin(connection_, Transaction::Kind::read, kDoing);
  if (!transaction) return std::move(transaction).error();
  SqliteTables tables(connection_);
  return read(tables);
}

}  // namespace unity::db
