#include "mariadb/rollups.hpp"

#include <algorithm>

#include "frames/frame.hpp"
#include "mariadb/json_table.hpp"
#include "mariadb/transaction.hpp"

namespace unity::db::mariadb {
namespace {

constexpr std::string_view kReading = "read what is to be rolled up in";
constexpr std::string_view kWriting = "write rollups to";
constexpr std::string_view kMarking = "mark hours to be rolled up in";

constexpr const char* kLock = "SELECT GET_LOCK(CONCAT('unity.jobs:', DATABASE()), 0)";
constexpr const char* kUnlock = "SELECT RELEASE_LOCK(CONCAT('unity.jobs:', DATABASE()))";
constexpr const char* kDropped =
    "SELECT MAX(dropped_before) FROM retention_state WHERE table_name = ?";
constexpr const char* kDirty =
    "SELECT d.bucket, d.id FROM rollup_dirty d JOIN (SELECT DISTINCT bucket FROM rollup_dirty "
    "WHERE tier = ? AND bucket < ? ORDER BY bucket LIMIT ?) b ON b.bucket = d.bucket "
    "WHERE d.tier = ? ORDER BY d.bucket";
constexpr const char* kAllMarked =
    "SELECT count(*) FROM maintenance_jobs WHERE job = ? AND last_success IS NOT NULL";
constexpr const char* kNextFrame =
    "SELECT min((SELECT f.time FROM metric_frames f WHERE f.source_id = s.source_id "
    "AND f.time >= ? ORDER BY f.time LIMIT 1)) FROM metric_sources s";
constexpr const char* kMark =
    "INSERT INTO rollup_dirty (tier, bucket) SELECT ?, ? FROM DUAL WHERE NOT EXISTS "
    "(SELECT 1 FROM rollup_dirty WHERE tier = ? AND bucket = ?)";
constexpr const char* kSetAllMarked =
    "INSERT INTO maintenance_jobs (job, last_started, last_finished, last_success, last_status, "
    "total_runs) VALUES (?, ?, ?, ?, 'success', 1)";
constexpr const char* kSources =
    "SELECT source_id FROM metric_sources WHERE source_id > ? ORDER BY source_id LIMIT ?";
constexpr const char* kSeries =
    "SELECT position, series_id FROM metric_series WHERE source_id = ? AND position IS NOT NULL "
    "ORDER BY position";
constexpr const char* kFrames =
    "SELECT time, vals FROM metric_frames WHERE source_id = ? AND time >= ? AND time < ? "
    "ORDER BY time";
constexpr const char* kLastSeries =
    "SELECT MAX(series_id) FROM (SELECT series_id FROM metric_series WHERE series_id > ? "
    "ORDER BY series_id LIMIT ?) s";
// Each row by its whole key: with a range of buckets, all that a series ever had would be read.
#define UNITY_ROLLUPS_OF(table)                                                    \
  "SELECT r.series_id, r.n, r.`sum`, r.`min`, r.`max`, r.last_time, r.last_value " \
  "FROM metric_series s STRAIGHT_JOIN "                                            \
  "JSON_TABLE(?, '$[*]' COLUMNS (bucket BIGINT PATH '$[0]')) b "                   \
  "STRAIGHT_JOIN " table                                                           \
  " r FORCE INDEX (PRIMARY) "                                                      \
  "ON r.series_id = s.series_id AND r.bucket = b.bucket "                          \
  "WHERE s.series_id > ? AND s.series_id <= ? ORDER BY r.series_id, r.bucket"
#define UNITY_REPLACE_IN(table)                                             \
  "INSERT INTO " table                                                      \
  " (series_id, bucket, n, `sum`, `min`, `max`, last_time, last_value) "    \
  "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE n = VALUES(n), " \
  "`sum` = VALUES(`sum`), `min` = VALUES(`min`), `max` = VALUES(`max`), "   \
  "last_time = VALUES(last_time), last_value = VALUES(last_value)"
constexpr const char* kHours = UNITY_ROLLUPS_OF("metric_rollup_1h");
constexpr const char* kDays = UNITY_ROLLUPS_OF("metric_rollup_1d");
constexpr const char* kReplaceHours = UNITY_REPLACE_IN("metric_rollup_1h");
constexpr const char* kReplaceDays = UNITY_REPLACE_IN("metric_rollup_1d");
#undef UNITY_ROLLUPS_OF
#undef UNITY_REPLACE_IN

class MariadbRollups final : public RollupStore {
 public:
  explicit MariadbRollups(Connection& connection) : connection_(connection) {}

  Result<bool> try_lock() override {
    auto taken = connection_.query(kLock, Parameters(), kReading);
    if (!taken) return std::move(taken).error();
    return taken->integer(0, 0) == 1;
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
    auto transaction = Transaction::begin(connection_, kMarking);
    if (!transaction) return std::move(transaction).error();
    const auto tier = static_cast<int>(Tier::hour);
    for (const auto hour : hours) {
      auto done = connection_.query(kMark, Parameters(tier, hour, tier, hour), kMarking);
      if (!done) return std::move(done).error();
    }
    return transaction->commit(kMarking);
  }

  Result<void> set_all_marked(Time now) override {
    auto done = connection_.query(kSetAllMarked, Parameters(kMarksJob, now, now, now), kMarking);
    if (!done) return std::move(done).error();
    return {};
  }

  Result<std::vector<DirtyBucket>> dirty(Tier tier, Time before, std::size_t limit) override {
    const auto number = static_cast<int>(tier);
    auto rows = connection_.query(
        kDirty, Parameters(number, before, static_cast<std::int64_t>(limit), number), kReading);
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
    std::optional<std::int64_t> last;
    for (int i = 0; i < sources->size(); ++i) {
      last = sources->integer(i, 0);
      if (auto done = numbers_of(*last, from, to, take); !done) return std::move(done).error();
    }
    return last;
  }

  Result<std::optional<std::int64_t>> rollups(Tier tier, Time from, Time to, std::int64_t after,
                                              std::size_t series_max,
                                              const TakeRollup& take) override {
    auto last = connection_.query(
        kLastSeries, Parameters(after, static_cast<std::int64_t>(series_max)), kReading);
    if (!last) return std::move(last).error();
    if (last->is_null(0, 0)) return std::optional<std::int64_t>();
    const auto end = last->integer(0, 0);
    JsonRows buckets;
    for (auto bucket = from; bucket < to; bucket += length_of(tier)) {
      buckets.begin_row();
      buckets.add(std::int64_t{bucket.time_since_epoch().count()});
    }
    auto rows = connection_.query(tier == Tier::hour ? kHours : kDays,
                                  Parameters(buckets.finish(), after, end), kReading);
    if (!rows) return std::move(rows).error();
    for (int i = 0; i < rows->size(); ++i) {
      take({rows->integer(i, 0), rows->integer(i, 1), rows->real(i, 2), rows->real(i, 3),
            rows->real(i, 4), rows->time(i, 5), rows->real(i, 6)});
    }
    return std::optional(end);
  }

  Result<void> replace(Tier tier, Time bucket, std::span<const Rollup> rollups) override {
    rows_.clear();
    for (const auto& one : rollups) {
      rows_.begin_row();
      rows_.add(one.series_id);
      rows_.add(bucket);
      rows_.add(one.n);
      rows_.add(one.sum);
      rows_.add(one.min);
      rows_.add(one.max);
      rows_.add(one.last_time);
      rows_.add(one.last_value);
    }
    auto transaction = Transaction::begin(connection_, kWriting);
    if (!transaction) return std::move(transaction).error();
    auto done =
        connection_.bulk(tier == Tier::hour ? kReplaceHours : kReplaceDays, rows_, kWriting);
    if (!done) return done;
    return transaction->commit(kWriting);
  }

  Result<void> settle(Tier tier, const DirtyBucket& bucket, std::optional<Time> next) override {
    auto transaction = Transaction::begin(connection_, kWriting);
    if (!transaction) return std::move(transaction).error();
    rows_.clear();
    for (const auto id : bucket.marks) {
      rows_.begin_row();
      rows_.add(id);
    }
    auto removed = connection_.bulk("DELETE FROM rollup_dirty WHERE id = ?", rows_, kWriting);
    if (!removed) return removed;
    if (next) {
      auto marked = connection_.query("INSERT INTO rollup_dirty (tier, bucket) VALUES (?, ?)",
                                      Parameters(static_cast<int>(tier) + 1, *next), kWriting);
      if (!marked) return std::move(marked).error();
    }
    return transaction->commit(kWriting);
  }

 private:
  Result<void> numbers_of(std::int64_t source, Time from, Time to, const TakeNumber& take) {
    auto rows = connection_.query(kSeries, Parameters(source), kReading);
    if (!rows) return std::move(rows).error();
    std::vector<std::int64_t> series;  // by position
    for (int i = 0; i < rows->size(); ++i) {
      series.resize(static_cast<std::size_t>(rows->integer(i, 0)) + 1);
      series.back() = rows->integer(i, 1);
    }
    auto frames = connection_.query(kFrames, Parameters(source, from, to), kReading);
    if (!frames) return std::move(frames).error();
    for (int i = 0; i < frames->size(); ++i) {
      auto frame = parse_frame(frames->bytes(i, 1), {});
      if (!frame) return std::move(frame).error();
      const auto positions = std::min(frame->numbers.size(), series.size());
      for (std::size_t p = 0; p < positions; ++p) {
        const auto& number = frame->numbers[p];
        if (!is_absent(number)) take(series[p], frames->time(i, 0), to_double(number));
      }
    }
    return {};
  }

  Connection& connection_;
  BulkRows rows_;  // a buffer, kept for its memory
};

}  // namespace

std::unique_ptr<RollupStore> make_rollups(Connection& connection) {
  return std::make_unique<MariadbRollups>(connection);
}

}  // namespace unity::db::mariadb
