#include "sqlite/retention.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "retention/floor_row.hpp"
#include "sqlite/statement_row.hpp"

namespace unity::db {
namespace {

using std::chrono::days;
using std::chrono::steady_clock;

constexpr std::string_view kReading = "read how old rows may be in";
constexpr std::string_view kWriting = "forget old rows of";
constexpr std::string_view kShrinking = "shrink";

// Whoever writes waits for a transaction of ours, and gets its turn in the pause: SQLite has no
// queue, who waits asks again now and then. So the file is free for most of the time, also where
// syncing takes long.
constexpr std::chrono::milliseconds kTransactionMax{5};
constexpr std::chrono::milliseconds kPauseMin{10};
constexpr int kPauseShare = 3;  // of the time that the file was held
constexpr std::int64_t kRowsAtOnce = 200;
constexpr int kPagesAtOnce = 128;
// What is free is used again, the next day at the latest: so much of a file may stay.
constexpr std::int64_t kFreeShare = 20;
constexpr std::int64_t kFreePages = 256;

void pause_after(steady_clock::time_point held_since) {
  const auto pause =
      std::max<steady_clock::duration>(kPauseMin, (steady_clock::now() - held_since) * kPauseShare);
  sqlite3_sleep(static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(pause).count()));
}

// "(a, b)" and "quote(a) || ', ' || quote(b)" of "a, b".
std::string tuple_of(const std::string& key) { return "(" + key + ")"; }
std::string constants_of(const std::string& key) {
  std::string sql;
  for (std::size_t at = 0; at < key.size();) {
    const auto end = std::min(key.find(", ", at), key.size());
    sql += fmt::format("{}quote({})", sql.empty() ? "" : " || ', ' || ", key.substr(at, end - at));
    at = end + 2;
  }
  return sql;
}

}  // namespace

Result<std::optional<Floor>> SqliteRetention::floor(std::string_view table) {
  auto row = connection_.prepare(
      "SELECT " UNITY_FLOOR_COLUMNS " FROM retention_state WHERE table_name = ?", kReading);
  if (!row) return std::move(row).error();
  row->bind(table);
  auto found = connection_.next(*row, kReading);
  if (!found) return std::move(found).error();
  if (!*found) return std::optional<Floor>();
  return std::optional(read_floor(RowValues(StatementRow{*row})));
}

Result<void> SqliteRetention::raise(std::string_view table, Time floor, Time now) {
  auto write = connection_.prepare(
      "INSERT INTO retention_state AS r (table_name, floor_time, raised_at) VALUES (?, ?, ?) "
      "ON CONFLICT (table_name) DO UPDATE SET floor_time = excluded.floor_time, "
      "raised_at = excluded.raised_at WHERE excluded.floor_time > r.floor_time",
      kWriting);
  if (!write) return std::move(write).error();
  write->bind(table, floor, now);
  return connection_.run(*write, kWriting);
}

Result<void> SqliteRetention::correct(std::string_view table, Time floor, Time raised_at) {
  auto write = connection_.prepare(
      "UPDATE retention_state SET floor_time = ?2, raised_at = ?3 "
      "WHERE table_name = ?1 AND (dropped_before IS NULL OR dropped_before <= ?2)",
      kWriting);
  if (!write) return std::move(write).error();
  write->bind(table, floor, raised_at);
  return connection_.run(*write, kWriting);
}

Result<void> SqliteRetention::begin_drop(std::string_view table) {
  auto write = connection_.prepare(
      "UPDATE retention_state SET dropped_before = floor_time WHERE table_name = ?", kWriting);
  if (!write) return std::move(write).error();
  write->bind(table);
  return connection_.run(*write, kWriting);
}

Result<std::optional<Time>> SqliteRetention::floor_for_size(const AgingTable& table,
                                                            std::uint64_t bytes_max, Time today) {
  const std::optional<Time> fits;
  const auto most = static_cast<std::int64_t>(bytes_max);
  // Looking at a table reads all of it; a file that is smaller needs no look.
  auto used = number(
      "SELECT (page_count - freelist_count) * page_size "
      "FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
      kReading);
  if (!used) return std::move(used).error();
  if (*used <= most) return fits;
  auto bytes =
      number(fmt::format("SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name IN "
                         "(SELECT name FROM sqlite_schema WHERE tbl_name = '{}')",
                         table.table),
             kReading);
  if (!bytes) return std::move(bytes).error();
  if (*bytes <= most) return fits;
  auto oldest =
      number(fmt::format("SELECT min({}) FROM {}", table.time_column, table.table), kReading);
  if (!oldest) return std::move(oldest).error();
  const auto first = std::chrono::floor<days>(Time(std::chrono::microseconds(*oldest)));
  const auto many = (std::chrono::floor<days>(today) - first).count();
  if (many <= 0) return fits;  // today's rows never go
  // Days differ: half of what an even spread would need, and another look afterwards.
  const double share = 1 - static_cast<double>(most) / static_cast<double>(*bytes);
  const auto gone = std::max<std::int64_t>(1, static_cast<std::int64_t>(share / 2 * double(many)));
  return std::optional<Time>(first + days(std::min<std::int64_t>(gone, many)));
}

Result<Forgotten> SqliteRetention::forget(const AgingTable& table, Time floor) {
  if (sweep_.table != table.table || sweep_.floor != floor) sweep_ = {table.table, floor, {}, {}};
  const auto before = sweep_;
  steady_clock::time_point held_since;
  const auto run = [&]() -> Result<Forgotten> {
    auto transaction = Transaction::begin(connection_, Transaction::Kind::write, kWriting);
    if (!transaction) return std::move(transaction).error();
    held_since = steady_clock::now();
    Forgotten done;
    done.more = true;
    while (done.more && steady_clock::now() - held_since < kTransactionMax) {
      if (!sweep_.has_key) {
        auto next = next_key(table);
        if (!next) return std::move(next).error();
        done.more = *next;
      }
      if (!done.more) break;
      auto left = forget_some(table, done.rows);
      if (!left) return std::move(left).error();
      sweep_.has_key = *left;
      if (!*left && table.key.empty()) done.more = false;
    }
    if (auto committed = transaction->commit(kWriting); !committed) {
      return std::move(committed).error();
    }
    if (!done.more) sweep_ = {};
    return done;
  };
  auto done = run();
  if (!done) sweep_ = before;
  if (done && done->more) pause_after(held_since);
  return done;
}

Result<bool> SqliteRetention::next_key(const AgingTable& table) {
  if (table.key.empty()) return sweep_.has_key = true;
  const auto after = sweep_.key.empty()
                         ? std::string()
                         : fmt::format("WHERE {} > ({}) ", tuple_of(table.key), sweep_.key);
  auto row =
      connection_.prepare(fmt::format("SELECT {} FROM {} {}ORDER BY {} LIMIT 1",
                                      constants_of(table.key), table.table, after, table.key),
                          kWriting);
  if (!row) return std::move(row).error();
  auto found = connection_.next(*row, kWriting);
  if (!found) return std::move(found).error();
  if (!*found) return false;
  sweep_.key = row->text(0);
  return sweep_.has_key = true;
}

Result<bool> SqliteRetention::forget_some(const AgingTable& table, std::uint64_t& rows) {
  auto where = fmt::format("WHERE {} < ?", table.time_column);
  if (!table.key.empty()) where += fmt::format(" AND {} = ({})", tuple_of(table.key), sweep_.key);
  if (!table.stays.empty()) where += fmt::format(" AND NOT ({})", table.stays);
  // The last row that goes now, if there are more.
  auto last =
      connection_.prepare(fmt::format("SELECT {0} FROM {1} {2} ORDER BY {0} LIMIT 1 OFFSET {3}",
                                      table.time_column, table.table, where, kRowsAtOnce - 1),
                          kWriting);
  if (!last) return std::move(last).error();
  last->bind(sweep_.floor);
  auto found = connection_.next(*last, kWriting);
  if (!found) return std::move(found).error();
  const auto end = *found ? last->time(0) + Time::duration(1) : sweep_.floor;
  last->reset();
  auto remove = connection_.prepare(fmt::format("DELETE FROM {} {}", table.table, where), kWriting);
  if (!remove) return std::move(remove).error();
  remove->bind(end);
  if (auto done = connection_.run(*remove, kWriting); !done) return std::move(done).error();
  rows += static_cast<std::uint64_t>(connection_.changes());
  return *found;
}

Result<bool> SqliteRetention::shrink() {
  // 2: INCREMENTAL, as our files are made. Others keep their size, and use it again.
  auto mode = number("PRAGMA auto_vacuum", kShrinking);
  if (!mode) return std::move(mode).error();
  if (*mode != 2) return false;
  auto spare = number(fmt::format("SELECT freelist_count - max({}, page_count / {}) "
                                  "FROM pragma_page_count, pragma_freelist_count",
                                  kFreePages, kFreeShare),
                      kShrinking);
  if (!spare) return std::move(spare).error();
  if (*spare <= 0) return false;
  const auto pages = std::min<std::int64_t>(*spare, kPagesAtOnce);
  const auto held_since = steady_clock::now();
  auto done =
      connection_.execute(fmt::format("PRAGMA incremental_vacuum({})", pages).c_str(), kShrinking);
  if (!done) return std::move(done).error();
  pause_after(held_since);
  return *spare > pages;
}

Result<std::int64_t> SqliteRetention::number(std::string_view sql, std::string_view doing) {
  auto query = connection_.prepare(sql, doing);
  if (!query) return std::move(query).error();
  auto row = connection_.next(*query, doing);
  if (!row) return std::move(row).error();
  return *row ? query->integer(0) : 0;
}

}  // namespace unity::db
