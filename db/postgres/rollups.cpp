#include "postgres/rollups.hpp"

#include <algorithm>
#include <map>

#include "postgres/frame_form.hpp"
#include "postgres/transaction.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kReading = "read what is to be rolled up in";
constexpr std::string_view kWriting = "write rollups to";
constexpr std::string_view kMarking = "mark hours to be rolled up in";

constexpr const char* kLock =
    "SELECT pg_try_advisory_lock(hashtextextended('unity.jobs:' || current_schema(), 0))";
constexpr const char* kUnlock =
    "SELECT pg_advisory_unlock(hashtextextended('unity.jobs:' || current_schema(), 0))";
constexpr const char* kDropped =
    "SELECT max(dropped_before) FROM retention_state WHERE table_name = $1::text";
constexpr const char* kDirty =
    "SELECT bucket, id FROM rollup_dirty WHERE tier = $1::bigint AND bucket IN "
    "(SELECT DISTINCT bucket FROM rollup_dirty WHERE tier = $1::bigint AND bucket < $2 "
    "ORDER BY bucket LIMIT $3) ORDER BY bucket";
constexpr const char* kAllMarked =
    "SELECT count(*) FROM maintenance_jobs WHERE job = $1 AND last_success IS NOT NULL";
constexpr const char* kNextFrame =
    "SELECT min((SELECT f.time FROM metric_frames f WHERE f.source_id = s.source_id "
    "AND f.time >= $1 ORDER BY f.time LIMIT 1)) FROM metric_sources s";
constexpr const char* kMark =
    "INSERT INTO rollup_dirty (tier, bucket) SELECT $1::bigint, w.bucket FROM unnest($2) AS "
    "w(bucket) WHERE NOT EXISTS (SELECT 1 FROM rollup_dirty d WHERE d.tier = $1::bigint "
    "AND d.bucket = w.bucket)";
constexpr const char* kSetAllMarked =
    "INSERT INTO maintenance_jobs (job, last_started, last_finished, last_success, last_status, "
    "total_runs) VALUES ($1, $2, $2, $2, 'success', 1)";
constexpr const char* kSources =
    "SELECT source_id FROM metric_sources WHERE source_id > $1 ORDER BY source_id LIMIT $2";
constexpr const char* kSeries =
    "SELECT source_id, position, series_id FROM metric_series WHERE source_id = ANY($1) "
    "AND position IS NOT NULL";
// By source: the key of the frames is (source_id, time).
constexpr const char* kFrames =
    "SELECT f.source_id, f.time, f.vals FROM unnest($1) AS s(source_id) CROSS JOIN LATERAL "
    "(SELECT m.source_id, m.time, m.vals FROM metric_frames m WHERE m.source_id = s.source_id "
    "AND m.time >= $2 AND m.time < $3 ORDER BY m.time) f";
constexpr const char* kLastSeries =
    "SELECT max(series_id) FROM (SELECT series_id FROM metric_series WHERE series_id > $1 "
    "ORDER BY series_id LIMIT $2) s";
// Series by series (OFFSET 0 keeps it so): at once, all that they ever had would be passed by.
#define UNITY_ROLLUPS_OF(table)                                                  \
  "SELECT s.series_id, r.n, r.sum, r.min, r.max, r.last_time, r.last_value "     \
  "FROM metric_series s CROSS JOIN LATERAL (SELECT * FROM " table                \
  " WHERE series_id = s.series_id AND bucket >= $3 AND bucket < $4 OFFSET 0) r " \
  "WHERE s.series_id > $1 AND s.series_id <= $2 ORDER BY s.series_id, r.bucket"
#define UNITY_REPLACE_IN(table)                                                          \
  "INSERT INTO " table                                                                   \
  " (series_id, bucket, n, sum, min, max, last_time, last_value) "                       \
  "SELECT a, $2::timestamptz, b, c, d, e, f, g FROM unnest($1, $3, $4, $5, $6, $7, $8) " \
  "AS r(a, b, c, d, e, f, g) ON CONFLICT (series_id, bucket) DO UPDATE SET "             \
  "n = excluded.n, sum = excluded.sum, min = excluded.min, max = excluded.max, "         \
  "last_time = excluded.last_time, last_value = excluded.last_value"
constexpr const char* kHours = UNITY_ROLLUPS_OF("metric_rollup_1h");
constexpr const char* kDays = UNITY_ROLLUPS_OF("metric_rollup_1d");
constexpr const char* kReplaceHours = UNITY_REPLACE_IN("metric_rollup_1h");
constexpr const char* kReplaceDays = UNITY_REPLACE_IN("metric_rollup_1d");
#undef UNITY_ROLLUPS_OF
#undef UNITY_REPLACE_IN

class PostgresRollups final : public RollupStore {
 public:
  explicit PostgresRollups(Connection& connection) : connection_(connection) {}

  Result<bool> try_lock() override {
    auto taken = connection_.query(kLock, Parameters(), kReading);
    if (!taken) return std::move(taken).error();
    return taken->flag(0, 0);
  }
  Result<void> unlock() override {
    auto done = connection_.query(kUnlock, Parameters(), kReading);
    if (!done) return std::move(done).error();
    return {};
  }

  Result<std::optional<Time>> dropped_before(std::string_view table) override {
    auto row = connection_.query(kDropped, Parameters(table), kReading);
    if (!row) return std::move(row).error();
    if (row->is_null(0, 0)) return std::optional<Time>();
    return std::optional(row->time(0, 0));
  }

  Result<bool> all_marked() override {
    auto row = connection_.query(kAllMarked, Parameters(kMarksJob), kReading);
    if (!row) return std::move(row).error();
    return row->integer(0, 0) > 0;
  }

  Result<std::optional<Time>> next_frame(Time from) override {
    auto row = connection_.query(kNextFrame, Parameters(from), kReading);
    if (!row) return std::move(row).error();
    if (row->is_null(0, 0)) return std::optional<Time>();
    return std::optional(row->time(0, 0));
  }

  Result<void> mark(std::span<const Time> hours) override {
    const std::vector<Time> buckets(hours.begin(), hours.end());
    auto done = connection_.query(
        kMark, Parameters(static_cast<std::int64_t>(Tier::hour), Times{buckets}), kMarking);
    if (!done) return std::move(done).error();
    return {};
  }

  Result<void> set_all_marked(Time now) override {
    auto done = connection_.query(kSetAllMarked, Parameters(kMarksJob, now), kMarking);
    if (!done) return std::move(done).error();
    return {};
  }

  Result<std::vector<DirtyBucket>> dirty(Tier tier, Time before, std::size_t limit) override {
    auto rows = connection_.query(
        kDirty,
        Parameters(static_cast<std::int64_t>(tier), before, static_cast<std::int64_t>(limit)),
        kReading);
    if (!rows) return std::move(rows).error();
    std::vector<DirtyBucket> buckets;
    for (int i = 0; i < rows->size(); ++i) {
      const auto bucket = rows->time(i, 0);
      if (buckets.empty() || buckets.back().bucket != bucket) buckets.push_back({bucket, {}});
      buckets.back().marks.push_back(rows->integer(i, 1));
    }
    return buckets;
  }

  Result<std::optional<std::int64_t>> numbers(Time from, Time to, std::int64_t after,
                                              std::size_t sources_max,
                                              const TakeNumber& take) override {
    auto sources = connection_.query(
        kSources, Parameters(after, static_cast<std::int64_t>(sources_max)), kReading);
    if (!sources) return std::move(sources).error();
    if (sources->size() == 0) return std::optional<std::int64_t>();
    std::vector<std::int64_t> ids;
    for (int i = 0; i < sources->size(); ++i) ids.push_back(sources->integer(i, 0));
    auto series = series_of(ids);
    if (!series) return std::move(series).error();
    auto frames = connection_.query(kFrames, Parameters(Integers{ids}, from, to), kReading);
    if (!frames) return std::move(frames).error();
    for (int i = 0; i < frames->size(); ++i) {
      auto done =
          give(frames->integer(i, 0), frames->time(i, 1), frames->bytes(i, 2), *series, take);
      if (!done) return std::move(done).error();
    }
    return std::optional(ids.back());
  }

  Result<std::optional<std::int64_t>> rollups(Tier tier, Time from, Time to, std::int64_t after,
                                              std::size_t series_max,
                                              const TakeRollup& take) override {
    auto last = connection_.query(
        kLastSeries, Parameters(after, static_cast<std::int64_t>(series_max)), kReading);
    if (!last) return std::move(last).error();
    if (last->is_null(0, 0)) return std::optional<std::int64_t>();
    const auto end = last->integer(0, 0);
    auto rows = connection_.query(tier == Tier::hour ? kHours : kDays,
                                  Parameters(after, end, from, to), kReading);
    if (!rows) return std::move(rows).error();
    for (int i = 0; i < rows->size(); ++i) {
      take({rows->integer(i, 0), rows->integer(i, 1), rows->real(i, 2), rows->real(i, 3),
            rows->real(i, 4), rows->time(i, 5), rows->real(i, 6)});
    }
    return std::optional(end);
  }

  Result<void> replace(Tier tier, Time bucket, std::span<const Rollup> rollups) override {
    std::vector<std::int64_t> series, counts;
    std::vector<double> sums, mins, maxs, values;
    std::vector<Time> times;
    for (const auto& one : rollups) {
      series.push_back(one.series_id);
      counts.push_back(one.n);
      sums.push_back(one.sum);
      mins.push_back(one.min);
      maxs.push_back(one.max);
      times.push_back(one.last_time);
      values.push_back(one.last_value);
    }
    auto done =
        connection_.query(tier == Tier::hour ? kReplaceHours : kReplaceDays,
                          Parameters(Integers{series}, bucket, Integers{counts}, Doubles{sums},
                                     Doubles{mins}, Doubles{maxs}, Times{times}, Doubles{values}),
                          kWriting);
    if (!done) return std::move(done).error();
    return {};
  }

  Result<void> settle(Tier tier, const DirtyBucket& bucket, std::optional<Time> next) override {
    auto transaction = Transaction::begin(connection_, "BEGIN", kWriting);
    if (!transaction) return std::move(transaction).error();
    auto removed = connection_.query("DELETE FROM rollup_dirty WHERE id = ANY($1)",
                                     Parameters(Integers{bucket.marks}), kWriting);
    if (!removed) return std::move(removed).error();
    if (next) {
      auto marked =
          connection_.query("INSERT INTO rollup_dirty (tier, bucket) VALUES ($1::bigint, $2)",
                            Parameters(static_cast<std::int64_t>(tier) + 1, *next), kWriting);
      if (!marked) return std::move(marked).error();
    }
    return transaction->commit(kWriting);
  }

 private:
  // Of a source, by position; 0 where there is none.
  using SeriesOf = std::map<std::int64_t, std::vector<std::int64_t>>;

  Result<SeriesOf> series_of(const std::vector<std::int64_t>& sources) {
    auto rows = connection_.query(kSeries, Parameters(Integers{sources}), kReading);
    if (!rows) return std::move(rows).error();
    SeriesOf series;
    for (int i = 0; i < rows->size(); ++i) {
      auto& positions = series[rows->integer(i, 0)];
      const auto position = static_cast<std::size_t>(rows->integer(i, 1));
      if (positions.size() <= position) positions.resize(position + 1);
      positions[position] = rows->integer(i, 2);
    }
    return series;
  }

  static Result<void> give(std::int64_t source, Time time, std::string_view vals,
                           const SeriesOf& series, const TakeNumber& take) {
    const auto known = series.find(source);
    if (known == series.end()) return {};
    auto frame = read_frame(vals, {}, Source(source));
    if (!frame) return std::move(frame).error();
    const auto positions = std::min(frame->numbers.size(), known->second.size());
    for (std::size_t i = 0; i < positions; ++i) {
      const auto& number = frame->numbers[i];
      if (!is_absent(number)) take(known->second[i], time, to_double(number));
    }
    return {};
  }

  Connection& connection_;
};

}  // namespace

std::unique_ptr<RollupStore> make_rollups(Connection& connection) {
  return std::make_unique<PostgresRollups>(connection);
}

}  // namespace unity::db::postgres
