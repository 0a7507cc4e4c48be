#include "sqlite/rollups.hpp"

#include <fmt/format.h>

#include "frames/frame.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kReading = "read what is to be rolled up in";
constexpr std::string_view kWriting = "write rollups to";
constexpr std::string_view kMarking = "mark hours to be rolled up in";

std::string_view table_of(Tier tier) {
  return tier == Tier::hour ? "metric_rollup_1h" : "metric_rollup_1d";
}

class SqliteRollups final : public RollupStore {
 public:
  SqliteRollups(Connection& connection, FileLock& lock) : connection_(connection), lock_(lock) {}

  Result<bool> try_lock() override { return lock_.try_lock(); }
  Result<void> unlock() override {
    lock_.unlock();
    return {};
  }

  Result<std::optional<Time>> dropped_before(std::string_view table) override {
    auto row = connection_.prepare(
        "SELECT max(dropped_before) FROM retention_state WHERE table_name = ?", kReading);
    if (!row) return std::move(row).error();
    row->bind(table);
    auto found = connection_.next(*row, kReading);
    if (!found) return std::move(found).error();
    if (row->is_null(0)) return std::optional<Time>();
    return std::optional(row->time(0));
  }

  Result<bool> all_marked() override {
    auto row = connection_.prepare(
        "SELECT count(*) FROM maintenance_jobs WHERE job = ? AND last_success IS NOT NULL",
        kReading);
    if (!row) return std::move(row).error();
    row->bind(kMarksJob);
    auto found = connection_.next(*row, kReading);
    if (!found) return std::move(found).error();
    return row->integer(0) > 0;
  }

  Result<std::optional<Time>> next_frame(Time from) override {
    auto row = connection_.prepare(
        "SELECT min((SELECT f.time FROM metric_frames f WHERE f.source_id = s.source_id "
        "AND f.time >= ? ORDER BY f.time LIMIT 1)) FROM metric_sources s",
        kReading);
    if (!row) return std::move(row).error();
    row->bind(from);
    auto found = connection_.next(*row, kReading);
    if (!found) return std::move(found).error();
    if (row->is_null(0)) return std::optional<Time>();
    return std::optional(row->time(0));
  }

  Result<void> mark(std::span<const Time> hours) override {
    auto transaction = Transaction::begin(connection_, Transaction::Kind::write, kMarking);
    if (!transaction) return std::move(transaction).error();
    auto insert = connection_.prepare(
        "INSERT INTO rollup_dirty (tier, bucket) SELECT ?1, ?2 WHERE NOT EXISTS "
        "(SELECT 1 FROM rollup_dirty WHERE tier = ?1 AND bucket = ?2)",
        kMarking);
    if (!insert) return std::move(insert).error();
    for (const auto hour : hours) {
      insert->bind(static_cast<int>(Tier::hour), hour);
      if (auto done = connection_.run(*insert, kMarking); !done) return done;
    }
    return transaction->commit(kMarking);
  }

  Result<void> set_all_marked(Time now) override {
    auto statement = connection_.prepare(
        "INSERT INTO maintenance_jobs (job, last_started, last_finished, last_success, "
        "last_status, total_runs) VALUES (?1, ?2, ?2, ?2, 'success', 1)",
        kMarking);
    if (!statement) return std::move(statement).error();
    statement->bind(kMarksJob, now);
    return connection_.run(*statement, kMarking);
  }

  Result<std::vector<DirtyBucket>> dirty(Tier tier, Time before, std::size_t limit) override {
    auto rows = connection_.prepare(
        "SELECT bucket, id FROM rollup_dirty WHERE tier = ?1 AND bucket IN "
        "(SELECT DISTINCT bucket FROM rollup_dirty WHERE tier = ?1 AND bucket < ?2 "
        "ORDER BY bucket LIMIT ?3) ORDER BY bucket",
        kReading);
    if (!rows) return std::move(rows).error();
    rows->bind(static_cast<int>(tier), before, static_cast<std::int64_t>(limit));
    std::vector<DirtyBucket> buckets;
    while (true) {
      auto row = connection_.next(*rows, kReading);
      if (!row) return std::move(row).error();
      if (!*row) return buckets;
      const auto bucket = rows->time(0);
      if (buckets.empty() || buckets.back().bucket != bucket) buckets.push_back({bucket, {}});
      buckets.back().marks.push_back(rows->integer(1));
    }
  }

  Result<std::optional<std::int64_t>> numbers(Time from, Time to, std::int64_t after,
                                              std::size_t sources_max,
                                              const TakeNumber& take) override {
    auto transaction = Transaction::begin(connection_, Transaction::Kind::read, kReading);
    if (!transaction) return std::move(transaction).error();
    auto sources = connection_.prepare(
        "SELECT source_id FROM metric_sources WHERE source_id > ? ORDER BY source_id LIMIT ?",
        kReading);
    if (!sources) return std::move(sources).error();
    sources->bind(after, static_cast<std::int64_t>(sources_max));
    std::optional<std::int64_t> last;
    while (true) {
      auto row = connection_.next(*sources, kReading);
      if (!row) return std::move(row).error();
      if (!*row) return last;
      last = sources->integer(0);
      if (auto done = numbers_of(*last, from, to, take); !done) return std::move(done).error();
    }
  }

  Result<std::optional<std::int64_t>> rollups(Tier tier, Time from, Time to, std::int64_t after,
                                              std::size_t series_max,
                                              const TakeRollup& take) override {
    auto rows = connection_.prepare(
        fmt::format("SELECT r.series_id, r.n, r.sum, r.min, r.max, r.last_time, r.last_value "
                    "FROM (SELECT series_id FROM metric_series WHERE series_id > ?1 "
                    "ORDER BY series_id LIMIT ?2) s JOIN {} r ON r.series_id = s.series_id "
                    "AND r.bucket >= ?3 AND r.bucket < ?4 ORDER BY r.series_id, r.bucket",
                    table_of(tier)),
        kReading);
    if (!rows) return std::move(rows).error();
    rows->bind(after, static_cast<std::int64_t>(series_max), from, to);
    while (true) {
      auto row = connection_.next(*rows, kReading);
      if (!row) return std::move(row).error();
      if (!*row) break;
      take({rows->integer(0), rows->integer(1), rows->real(2), rows->real(3), rows->real(4),
            rows->time(5), rows->real(6)});
    }
    return last_series(after, series_max);
  }

  Result<void> replace(Tier tier, Time bucket, std::span<const Rollup> rollups) override {
    auto transaction = Transaction::begin(connection_, Transaction::Kind::write, kWriting);
    if (!transaction) return std::move(transaction).error();
    auto insert = connection_.prepare(
        fmt::format("INSERT INTO {} (series_id, bucket, n, sum, min, max, last_time, last_value) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (series_id, bucket) DO UPDATE SET "
                    "n = excluded.n, sum = excluded.sum, min = excluded.min, max = excluded.max, "
                    "last_time = excluded.last_time, last_value = excluded.last_value",
                    table_of(tier)),
        kWriting);
    if (!insert) return std::move(insert).error();
    for (const auto& one : rollups) {
      insert->bind(one.series_id, bucket, one.n, one.sum, one.min, one.max, one.last_time,
                   one.last_value);
      if (auto done = connection_.run(*insert, kWriting); !done) return done;
    }
    return transaction->commit(kWriting);
  }

  Result<void> settle(Tier tier, const DirtyBucket& bucket, std::optional<Time> next) override {
    auto transaction = Transaction::begin(connection_, Transaction::Kind::write, kWriting);
    if (!transaction) return std::move(transaction).error();
    auto remove = connection_.prepare("DELETE FROM rollup_dirty WHERE id = ?", kWriting);
    if (!remove) return std::move(remove).error();
    for (const auto id : bucket.marks) {
      remove->bind(id);
      if (auto done = connection_.run(*remove, kWriting); !done) return done;
    }
    if (next) {
      auto mark =
          connection_.prepare("INSERT INTO rollup_dirty (tier, bucket) VALUES (?, ?)", kWriting);
      if (!mark) return std::move(mark).error();
      mark->bind(static_cast<int>(tier) + 1, *next);
      if (auto done = connection_.run(*mark, kWriting); !done) return done;
    }
    return transaction->commit(kWriting);
  }

 private:
  Result<void> numbers_of(std::int64_t source, Time from, Time to, const TakeNumber& take) {
    auto series = series_by_position(source);
    if (!series) return std::move(series).error();
    auto frames = connection_.prepare(
        "SELECT time, vals FROM metric_frames WHERE source_id = ? AND time >= ? AND time < ? "
        "ORDER BY time",
        kReading);
    if (!frames) return std::move(frames).error();
    frames->bind(source, from, to);
    while (true) {
      auto row = connection_.next(*frames, kReading);
      if (!row) return std::move(row).error();
      if (!*row) return {};
      auto frame = parse_frame(frames->text(1), {});
      if (!frame) return std::move(frame).error();
      const auto positions = std::min(frame->numbers.size(), series->size());
      for (std::size_t i = 0; i < positions; ++i) {
        if (!is_absent(frame->numbers[i])) {
          take((*series)[i], frames->time(0), to_double(frame->numbers[i]));
        }
      }
    }
  }

  Result<std::vector<std::int64_t>> series_by_position(std::int64_t source) {
    auto rows = connection_.prepare(
        "SELECT position, series_id FROM metric_series WHERE source_id = ? "
        "AND position IS NOT NULL ORDER BY position",
        kReading);
    if (!rows) return std::move(rows).error();
    rows->bind(source);
    std::vector<std::int64_t> series;
    while (true) {
      auto row = connection_.next(*rows, kReading);
      if (!row) return std::move(row).error();
      if (!*row) return series;
      series.resize(static_cast<std::size_t>(rows->integer(0)) + 1);
      series.back() = rows->integer(1);
    }
  }

  Result<std::optional<std::int64_t>> last_series(std::int64_t after, std::size_t many) {
    auto row = connection_.prepare(
        "SELECT max(series_id) FROM (SELECT series_id FROM metric_series WHERE series_id > ? "
        "ORDER BY series_id LIMIT ?)",
        kReading);
    if (!row) return std::move(row).error();
    row->bind(after, static_cast<std::int64_t>(many));
    auto found = connection_.next(*row, kReading);
    if (!found) return std::move(found).error();
    if (row->is_null(0)) return std::optional<std::int64_t>();
    return std::optional(row->integer(0));
  }

  Connection& connection_;
  FileLock& lock_;
};

}  // namespace

std::unique_ptr<RollupStore> make_sqlite_rollups(Connection& connection, FileLock& lock) {
  return std::make_unique<SqliteRollups>(connection, lock);
}

}  // namespace unity::db
