#include "mariadb/retention.hpp"

#include <fmt/format.h>

#include <thread>

#include "base/row_values.hpp"
#include "mariadb/error.hpp"
#include "mariadb/transaction.hpp"
#include "retention/floor_row.hpp"
#include "retention/size_cap.hpp"

namespace unity::db::mariadb {
namespace {

constexpr std::string_view kReading = "read how old rows may be in";
constexpr std::string_view kWriting = "forget old rows of";

constexpr std::uint64_t kRowsAtOnce = 2000;
constexpr std::int64_t kKeysAtOnce = 50;
constexpr std::uint64_t kRowsOfKey = 500;
// Nobody can begin to use a table while somebody waits to alter it. So nobody waits: it is tried in
// the pauses of those who write.
constexpr int kTries = 25;
constexpr std::chrono::milliseconds kBetweenTries{20};

constexpr const char* kFloor =
    "SELECT " UNITY_FLOOR_COLUMNS " FROM retention_state WHERE table_name = ?";
constexpr const char* kRaise =
    "INSERT INTO retention_state (table_name, floor_time, raised_at) VALUES (?, ?, ?) "
    "ON DUPLICATE KEY UPDATE "
    "raised_at = IF(VALUES(floor_time) > floor_time, VALUES(raised_at), raised_at), "
    "floor_time = GREATEST(floor_time, VALUES(floor_time))";
constexpr const char* kCorrect =
    "UPDATE retention_state SET floor_time = ?, raised_at = ? "
    "WHERE table_name = ? AND (dropped_before IS NULL OR dropped_before <= ?)";
constexpr const char* kBeginDrop =
    "UPDATE retention_state SET dropped_before = floor_time WHERE table_name = ?";
constexpr const char* kPartitions =
    "SELECT partition_name, CAST(partition_description AS SIGNED), "
    "CAST(data_length + index_length AS SIGNED) FROM information_schema.partitions "
    "WHERE table_schema = DATABASE() AND table_name = ? AND partition_name IS NOT NULL "
    "ORDER BY partition_ordinal_position";
constexpr const char* kBytes =
    "SELECT CAST(data_length + index_length AS SIGNED) FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_name = ?";

}  // namespace

Result<std::optional<Floor>> MariadbRetention::floor(std::string_view table) {
  auto row = connection_.query(kFloor, Parameters(table), kReading);
  if (!row) return std::move(row).error();
  if (row->size() == 0) return std::optional<Floor>();
  return std::optional(read_floor(RowValues(RowOf<Rows>{*row, 0})));
}

Result<void> MariadbRetention::raise(std::string_view table, Time floor, Time now) {
  auto done = connection_.query(kRaise, Parameters(table, floor, now), kWriting);
  if (!done) return std::move(done).error();
  return {};
}

Result<void> MariadbRetention::correct(std::string_view table, Time floor, Time raised_at) {
  auto done = connection_.query(kCorrect, Parameters(floor, raised_at, table, floor), kWriting);
  if (!done) return std::move(done).error();
  return {};
}

Result<void> MariadbRetention::begin_drop(std::string_view table) {
  auto done = connection_.query(kBeginDrop, Parameters(table), kWriting);
  if (!done) return std::move(done).error();
  return {};
}

Result<std::vector<MariadbRetention::Partition>> MariadbRetention::partitions(
    const std::string& table) {
  auto rows = connection_.query(kPartitions, Parameters(table), kReading);
  if (!rows) return std::move(rows).error();
  std::vector<Partition> found;
  for (int i = 0; i < rows->size(); ++i) {
    found.push_back({std::string(rows->bytes(i, 0)), rows->time(i, 1), rows->integer(i, 2)});
  }
  return found;
}

Result<std::optional<Time>> MariadbRetention::floor_for_size(const AgingTable& table,
                                                             std::uint64_t bytes_max, Time today) {
  const std::optional<Time> fits;
  const auto most = static_cast<std::int64_t>(bytes_max);
  // What the server knows of sizes may be from before rows went, the second time it is not.
  for (const bool is_fresh : {false, true}) {
    if (is_fresh) {
      auto done =
          connection_.query(keep_text("ANALYZE TABLE " + table.table), Parameters(), kReading);
      if (!done) return std::move(done).error();
    }
    auto all = partitions(table.table);
    if (!all) return std::move(all).error();
    std::string too_much = table.table;
    if (!all->empty()) {
      const auto* one = newest_too_much(*all, bytes_max);
      if (one == nullptr) return fits;
      if (one != &all->front() && one->end - (one - 1)->end <= std::chrono::days(1)) {
        return std::optional(std::min(one->end, today));
      }
      too_much += fmt::format(" PARTITION (`{}`)", one->name);
    } else {
      auto size = connection_.query(kBytes, Parameters(table.table), kReading);
      if (!size) return std::move(size).error();
      if (size->size() == 0 || size->integer(0, 0) <= most) return fits;
    }
    if (!is_fresh) continue;
    // Many days in one: the oldest of them goes, then there is another look.
    auto oldest = connection_.query(
        keep_text(fmt::format("SELECT MIN({}) FROM {}", table.time_column, too_much)), Parameters(),
        kReading);
    if (!oldest) return std::move(oldest).error();
    if (oldest->is_null(0, 0)) return fits;
    const auto next =
        std::chrono::floor<std::chrono::days>(oldest->time(0, 0)) + std::chrono::days(1);
    if (next <= today) return std::optional<Time>(next);
  }
  return fits;
}

Result<Forgotten> MariadbRetention::forget(const AgingTable& table, Time floor) {
  auto found = partitions(table.table);
  if (!found) return std::move(found).error();
  if (!found->empty()) return forget_partition(table, floor, *found);
  return table.key.empty() ? forget_rows(table, table.table, floor) : forget_by_key(table, floor);
}

// The first partition is emptied rather than dropped: else the next one would be the one for all
// that is old, and so the last one would, which there must be.
Result<Forgotten> MariadbRetention::forget_partition(const AgingTable& table, Time floor,
                                                     const std::vector<Partition>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0 && all[i - 1].end >= floor) break;
    const auto& one = all[i];
    bool whole = one.end <= floor;
    if (whole && !table.stays.empty()) {
      auto stays = has_row(table.table, one, table.stays);
      if (!stays) return std::move(stays).error();
      whole = !*stays;
    }
    if (!whole) {
      auto some =
          forget_rows(table, fmt::format("{} PARTITION (`{}`)", table.table, one.name), floor);
      if (!some || some->more) return some;
      continue;
    }
    if (i > 0 && i + 1 < all.size()) {
      return alter(table.table, fmt::format("DROP PARTITION `{}`", one.name));
    }
    auto has_rows = has_row(table.table, one, "TRUE");
    if (!has_rows) return std::move(has_rows).error();
    if (*has_rows) return alter(table.table, fmt::format("TRUNCATE PARTITION `{}`", one.name));
  }
  return Forgotten{};
}

Result<bool> MariadbRetention::has_row(const std::string& table, const Partition& partition,
                                       std::string_view condition) {
  auto row = connection_.query(keep_text(fmt::format("SELECT 1 FROM {} PARTITION (`{}`) WHERE {} "
                                                     "LIMIT 1",
                                                     table, partition.name, condition)),
                               Parameters(), kReading);
  if (!row) return std::move(row).error();
  return row->size() > 0;
}

Result<Forgotten> MariadbRetention::alter(const std::string& table, std::string_view change) {
  const auto sql = fmt::format("ALTER TABLE {} NOWAIT {}", table, change);
  Forgotten step;
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) std::this_thread::sleep_for(kBetweenTries);
    connection_.forget_failure();
    auto done = connection_.execute(sql, kWriting);
    if (done) {
      step.busy.clear();
      step.partitions = 1;
      step.more = true;
      return step;
    }
    if (connection_.code() != code::kLockWaitTimeout) return std::move(done).error();
    step.busy = done.error().message;
  }
  return step;
}

Result<Forgotten> MariadbRetention::forget_rows(const AgingTable& table, const std::string& of,
                                                Time floor) {
  const auto stays = table.stays.empty() ? "" : fmt::format(" AND NOT ({})", table.stays);
  auto gone = connection_.query(keep_text(fmt::format("DELETE FROM {} WHERE {} < ?{} LIMIT {}", of,
                                                      table.time_column, stays, kRowsAtOnce)),
                                Parameters(floor), kWriting);
  if (!gone) return std::move(gone).error();
  Forgotten step;
  step.rows = gone->affected();
  step.more = gone->affected() == kRowsAtOnce;
  return step;
}

Result<Forgotten> MariadbRetention::forget_by_key(const AgingTable& table, Time floor) {
  sweep_.go_on(table.table, floor);
  auto keys = connection_.query(
      keep_text(fmt::format("SELECT DISTINCT {0} FROM {1} WHERE {0} > ? ORDER BY {0} LIMIT {2}",
                            table.key, table.table, kKeysAtOnce)),
      Parameters(sweep_.after), kReading);
  if (!keys) return std::move(keys).error();
  Forgotten step;
  if (keys->size() == 0) {
    sweep_ = KeySweep();
    return step;
  }
  step.more = true;
  const auto stays = table.stays.empty() ? "" : fmt::format(" AND NOT ({})", table.stays);
  const auto* remove =
      keep_text(fmt::format("DELETE FROM {} WHERE {} = ? AND {} < ?{} LIMIT {}", table.table,
                            table.key, table.time_column, stays, kRowsOfKey));
  auto transaction = Transaction::begin(connection_, kWriting);
  if (!transaction) return std::move(transaction).error();
  auto after = sweep_.after;
  for (int i = 0; i < keys->size(); ++i) {
    const auto key = keys->integer(i, 0);
    auto gone = connection_.query(remove, Parameters(key, floor), kWriting);
    if (!gone) return std::move(gone).error();
    step.rows += gone->affected();
    if (gone->affected() == kRowsOfKey) break;  // it has more
    after = key;
  }
  if (auto done = transaction->commit(kWriting); !done) return std::move(done).error();
  sweep_.after = after;
  return step;
}

}  // namespace unity::db::mariadb
