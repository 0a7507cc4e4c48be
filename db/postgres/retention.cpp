#include "postgres/retention.hpp"

#include <fmt/format.h>

#include "base/day.hpp"
#include "base/row_values.hpp"
#include "retention/floor_row.hpp"
#include "retention/size_cap.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kReading = "read how old rows may be in";
constexpr std::string_view kWriting = "forget old rows of";
constexpr std::string_view kLockTimeout = "55P03";

constexpr std::int64_t kRowsAtOnce = 5000;
constexpr std::int64_t kKeysAtOnce = 200;
constexpr std::int64_t kRowsOfKey = 50;

constexpr const char* kFloor =
    "SELECT " UNITY_FLOOR_COLUMNS " FROM retention_state WHERE table_name = $1::text";
constexpr const char* kRaise =
    "INSERT INTO retention_state AS r (table_name, floor_time, raised_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (table_name) DO UPDATE SET floor_time = excluded.floor_time, "
    "raised_at = excluded.raised_at WHERE excluded.floor_time > r.floor_time";
constexpr const char* kCorrect =
    "UPDATE retention_state SET floor_time = $2, raised_at = $3 "
    "WHERE table_name = $1::text AND (dropped_before IS NULL OR dropped_before <= $2)";
constexpr const char* kBeginDrop =
    "UPDATE retention_state SET dropped_before = floor_time WHERE table_name = $1::text";
constexpr const char* kIsPartitioned =
    "SELECT relkind = 'p' FROM pg_class WHERE oid = $1::text::regclass";
// What version 14 has learned: detaching beside others, in two steps.
constexpr int kDetachesConcurrently = 140'000;
#define UNITY_PARTITIONS(pending)                                                     \
  "SELECT name, (bounds)[1]::timestamptz, (bounds)[2]::timestamptz, pending, "        \
  "pg_total_relation_size(oid) FROM (SELECT c.oid, c.relname::text AS name, " pending \
  " AS pending, regexp_match(pg_get_expr(c.relpartbound, c.oid), "                    \
  "$$FROM \\('([^']+)'\\) TO \\('([^']+)'\\)$$) AS bounds FROM pg_inherits i "        \
  "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::text::regclass) p "  \
  "WHERE bounds IS NOT NULL ORDER BY 2"
constexpr const char* kPartitions = UNITY_PARTITIONS("i.inhdetachpending");
constexpr const char* kPartitionsBefore14 = UNITY_PARTITIONS("false");
#undef UNITY_PARTITIONS
// Detached by us and not yet dropped. What somebody detached by hand is theirs.
constexpr std::string_view kOnItsWay = "unity: on its way out of ";
constexpr const char* kDetached =
    "SELECT c.relname::text FROM pg_class c WHERE c.relkind = 'r' AND NOT c.relispartition "
    "AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) "
    "AND obj_description(c.oid, 'pg_class') = $1::text";
// A table without partitions does not shrink when rows go, so its rows are what counts.
constexpr const char* kRows =
    "SELECT n_live_tup::bigint FROM pg_stat_user_tables WHERE relid = $1::text::regclass";

}  // namespace

Result<std::optional<Floor>> PostgresRetention::floor(std::string_view table) {
  auto row = connection_.query(kFloor, Parameters(table), kReading);
  if (!row) return std::move(row).error();
  if (row->size() == 0) return std::optional<Floor>();
  return std::optional(read_floor(RowValues(RowOf<Rows>{*row, 0})));
}

Result<void> PostgresRetention::raise(std::string_view table, Time floor, Time now) {
  auto done = connection_.query(kRaise, Parameters(table, floor, now), kWriting);
  if (!done) return std::move(done).error();
  return {};
}

Result<void> PostgresRetention::correct(std::string_view table, Time floor, Time raised_at) {
  auto done = connection_.query(kCorrect, Parameters(table, floor, raised_at), kWriting);
  if (!done) return std::move(done).error();
  return {};
}

Result<void> PostgresRetention::begin_drop(std::string_view table) {
  auto done = connection_.query(kBeginDrop, Parameters(table), kWriting);
  if (!done) return std::move(done).error();
  return {};
}

Result<bool> PostgresRetention::is_partitioned(const std::string& table) {
  auto row = connection_.query(kIsPartitioned, Parameters(table), kReading);
  if (!row) return std::move(row).error();
  return row->flag(0, 0);
}

Result<std::vector<PostgresRetention::Partition>> PostgresRetention::partitions(
    const std::string& table) {
  if (!version_) {
    auto row = connection_.query("SELECT current_setting('server_version_num')::bigint",
                                 Parameters(), kReading);
    if (!row) return std::move(row).error();
    version_ = static_cast<int>(row->integer(0, 0));
  }
  const bool is_new = *version_ >= kDetachesConcurrently;
  auto rows =
      connection_.query(is_new ? kPartitions : kPartitionsBefore14, Parameters(table), kReading);
  if (!rows) return std::move(rows).error();
  std::vector<Partition> found;
  for (int i = 0; i < rows->size(); ++i) {
    found.push_back({std::string(rows->bytes(i, 0)), rows->time(i, 1), rows->time(i, 2),
                     rows->flag(i, 3), rows->integer(i, 4)});
  }
  return found;
}

Result<std::optional<Time>> PostgresRetention::floor_for_size(const AgingTable& table,
                                                              std::uint64_t bytes_max, Time today) {
  const std::optional<Time> fits;
  auto partitioned = is_partitioned(table.table);
  if (!partitioned) return std::move(partitioned).error();
  if (*partitioned) {
    auto found = partitions(table.table);
    if (!found) return std::move(found).error();
    const auto* one = newest_too_much(*found, bytes_max);
    return one != nullptr ? std::optional(std::min(one->end, today)) : fits;
  }
  auto rows = connection_.query(kRows, Parameters(table.table), kReading);
  if (!rows) return std::move(rows).error();
  // 28 bytes come with each row, and a quarter more for its key.
  auto sample = connection_.query(
      keep_text(fmt::format("SELECT coalesce((avg(pg_column_size(s.*)) + 28) * 1.25, 0)::bigint, "
                            "(SELECT min({0}) FROM {1}) FROM (SELECT * FROM {1} LIMIT 1000) s",
                            table.time_column, table.table)),
      Parameters(), kReading);
  if (!sample) return std::move(sample).error();
  if (rows->size() == 0 || sample->is_null(0, 1)) return fits;
  const auto bytes = rows->integer(0, 0) * sample->integer(0, 0);
  const auto next =
      std::chrono::floor<std::chrono::days>(sample->time(0, 1)) + std::chrono::days(1);
  return static_cast<std::uint64_t>(bytes) > bytes_max && next <= today ? std::optional<Time>(next)
                                                                        : fits;
}

Result<Forgotten> PostgresRetention::forget(const AgingTable& table, Time floor) {
  auto partitioned = is_partitioned(table.table);
  if (!partitioned) return std::move(partitioned).error();
  if (*partitioned) return forget_partition(table, floor);
  return table.key.empty() ? forget_rows(table, table.table, floor) : forget_by_key(table, floor);
}

Result<Forgotten> PostgresRetention::forget_partition(const AgingTable& table, Time floor) {
  auto found = partitions(table.table);
  if (!found) return std::move(found).error();
  auto finished = finish_drop(table.table);
  if (!finished || finished->more || !finished->busy.empty()) return finished;
  for (const auto& one : *found) {
    if (one.first >= floor) break;
    bool whole = one.end <= floor;
    if (whole && !table.stays.empty() && !one.pending) {
      auto stays = connection_.query(
          keep_text(fmt::format("SELECT EXISTS (SELECT 1 FROM \"{}\" AS {} WHERE {})", one.name,
                                table.table, table.stays)),
          Parameters(), kReading);
      if (!stays) return std::move(stays).error();
      whole = !stays->flag(0, 0);
    }
    if (whole) return drop(table.table, one);
    auto some = forget_rows(table, one.name, floor);
    if (!some || some->more) return some;
  }
  return Forgotten{};
}

Result<Forgotten> PostgresRetention::hastily(const std::vector<std::string>& statements) {
  const auto run = [&]() -> Result<void> {
    if (auto set = connection_.execute("SET lock_timeout = '500ms'", kWriting); !set) return set;
    for (const auto& statement : statements) {
      if (auto done = connection_.execute(statement, kWriting); !done) return done;
    }
    return {};
  };
  connection_.forget_failure();
  auto done = run();
  const bool busy = connection_.sqlstate() == kLockTimeout;
  if (!connection_.is_lost()) {
    auto reset = connection_.execute("RESET lock_timeout", kWriting);
    if (done && !reset) return std::move(reset).error();
  }
  Forgotten step;
  if (!done) {
    if (!busy) return std::move(done).error();
    step.busy = done.error().message;
  }
  return step;
}

// Detaching beside others waits for all who have begun before, and holds up none who come after; if
// somebody takes too long, it is left half done, which is enough for the rows to be gone from the
// table, and is finished later.
Result<Forgotten> PostgresRetention::drop(const std::string& table, const Partition& partition) {
  const auto alter = fmt::format("ALTER TABLE {} DETACH PARTITION \"{}\"", table, partition.name);
  std::vector<std::string> statements;
  if (partition.pending) {
    statements = {alter + " FINALIZE"};
  } else {
    statements = {
        fmt::format("COMMENT ON TABLE \"{}\" IS '{}{}'", partition.name, kOnItsWay, table),
        *version_ >= kDetachesConcurrently ? alter + " CONCURRENTLY" : alter};
  }
  statements.push_back(fmt::format("DROP TABLE \"{}\"", partition.name));
  auto step = hastily(statements);
  if (step && step->busy.empty()) {
    step->partitions = 1;
    step->more = true;
  }
  return step;
}

Result<Forgotten> PostgresRetention::finish_drop(const std::string& table) {
  auto rows =
      connection_.query(kDetached, Parameters(fmt::format("{}{}", kOnItsWay, table)), kReading);
  if (!rows) return std::move(rows).error();
  if (rows->size() == 0) return Forgotten{};
  auto step = hastily({fmt::format("DROP TABLE \"{}\"", rows->bytes(0, 0))});
  if (step) step->more = step->busy.empty();
  return step;
}

Result<Forgotten> PostgresRetention::forget_rows(const AgingTable& table, const std::string& of,
                                                 Time floor) {
  const auto stays = table.stays.empty() ? "" : fmt::format(" AND NOT ({})", table.stays);
  auto gone = connection_.query(
      keep_text(fmt::format("WITH gone AS (DELETE FROM \"{0}\" WHERE ctid = ANY (ARRAY("
                            "SELECT {1}.ctid FROM \"{0}\" AS {1} WHERE {1}.{2} < $1{3} LIMIT {4})) "
                            "RETURNING 1) SELECT count(*) FROM gone",
                            of, table.table, table.time_column, stays, kRowsAtOnce)),
      Parameters(floor), kWriting);
  if (!gone) return std::move(gone).error();
  Forgotten step;
  step.rows = static_cast<std::uint64_t>(gone->integer(0, 0));
  step.more = gone->integer(0, 0) == kRowsAtOnce;
  return step;
}

// The keys are found one by one, each by the index: a scan would read all that stays.
Result<Forgotten> PostgresRetention::forget_by_key(const AgingTable& table, Time floor) {
  sweep_.go_on(table.table, floor);
  auto keys = connection_.query(
      keep_text(fmt::format(
          "WITH RECURSIVE k(key) AS ((SELECT {0} FROM {1} WHERE {0} > $1 ORDER BY {0} LIMIT 1) "
          "UNION ALL SELECT (SELECT {0} FROM {1} WHERE {0} > k.key ORDER BY {0} LIMIT 1) FROM k "
          "WHERE k.key IS NOT NULL) SELECT key FROM k WHERE key IS NOT NULL LIMIT {2}",
          table.key, table.table, kKeysAtOnce)),
      Parameters(sweep_.after), kReading);
  if (!keys) return std::move(keys).error();
  if (keys->size() == 0) {
    sweep_ = KeySweep();
    return Forgotten{};
  }
  std::vector<std::int64_t> ids;
  for (int i = 0; i < keys->size(); ++i) ids.push_back(keys->integer(i, 0));
  const auto stays = table.stays.empty() ? "" : fmt::format(" AND NOT ({})", table.stays);
  auto gone = connection_.query(
      keep_text(fmt::format(
          "WITH gone AS (DELETE FROM {1} WHERE ctid = ANY (ARRAY(SELECT r.id FROM unnest($1) "
          "AS s(key) CROSS JOIN LATERAL (SELECT {1}.ctid AS id FROM {1} WHERE {1}.{0} = s.key "
          "AND {1}.{2} < $2{3} ORDER BY {1}.{2} LIMIT {4}) r)) RETURNING {0} AS key) "
          "SELECT count(*), (SELECT min(key)::bigint FROM (SELECT key FROM gone GROUP BY key "
          "HAVING count(*) = {4}) f) FROM gone",
          table.key, table.table, table.time_column, stays, kRowsOfKey)),
      Parameters(Integers{ids}, floor), kWriting);
  if (!gone) return std::move(gone).error();
  // The first key that may have more is where to go on.
  sweep_.after = gone->is_null(0, 1) ? ids.back() : gone->integer(0, 1) - 1;
  Forgotten step;
  step.rows = static_cast<std::uint64_t>(gone->integer(0, 0));
  step.more = true;
  return step;
}

}  // namespace unity::db::postgres
