#include "postgres/partitions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/transaction.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::chrono::minutes kAheadAgain{1};
// The range of each partition; one that others made differently has nulls. A hypertable takes every
// row as it is, and makes its chunks by itself: one range for all.
constexpr const char* kRead =
    "SELECT '0001-01-01 00:00:00+00'::timestamptz, '10000-01-01 00:00:00+00'::timestamptz "
    "FROM pg_class WHERE oid = $1::regclass AND relkind <> 'p' UNION ALL "
    "SELECT (bounds)[1]::timestamptz, (bounds)[2]::timestamptz FROM (SELECT regexp_match("
    "pg_get_expr(c.relpartbound, c.oid), $$FROM \\('([^']+)'\\) TO \\('([^']+)'\\)$$) AS bounds "
    "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = $1::regclass) p ORDER BY 1";
// Starters and hosts that share a database take turns.
constexpr std::string_view kBegin =
    "BEGIN; SET LOCAL lock_timeout = '5s'; SELECT pg_advisory_xact_lock("
    "hashtextextended('unity.partitions:' || current_schema(), 0))";

}  // namespace

Partitions::Partitions(std::string table)
    : table_(std::move(table)), doing_(fmt::format("prepare the partitions of {} in", table_)) {}

Result<void> Partitions::ensure(Connection& connection, const std::vector<Day>& days, Time now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  const auto is_known = [this](Day day) { return known_.covers(day); };
  const bool needed = !std::all_of(days.begin(), days.end(), is_known);
  auto wanted = days;
  for (auto day = today; day <= today + kDaysAhead; day += std::chrono::days(1)) {
    wanted.push_back(day);
  }
  if (!needed && now < ahead_again_at_) return {};
  if (std::all_of(wanted.begin(), wanted.end(), is_known)) return {};

  const auto before = known_;
  auto made = make(connection, wanted, today);
  if (made) return {};
  known_ = before;
  ahead_again_at_ = now + kAheadAgain;
  if (needed || connection.is_lost()) return made;
  return {};
}

Result<void> Partitions::make(Connection& connection, const std::vector<Day>& wanted, Day today) {
  auto transaction = Transaction::begin(connection, kBegin, doing_);
  if (!transaction) return std::move(transaction).error();
  if (auto done = read(connection); !done) return done;
  for (const auto day : wanted) {
    if (known_.covers(day)) continue;
    const auto range = known_.range_for(day, today);
    if (auto done = create(connection, range); !done) return done;
    known_.add(range);
  }
  return transaction->commit(doing_);
}

Result<void> Partitions::read(Connection& connection) {
  known_.clear();
  auto rows = connection.query(kRead, Parameters(table_), doing_);
  if (!rows) return std::move(rows).error();
  for (int i = 0; i < rows->size(); ++i) {
    if (rows->is_null(i, 0) || rows->is_null(i, 1)) continue;
    known_.add({std::chrono::ceil<std::chrono::days>(rows->time(i, 0)),
                std::chrono::floor<std::chrono::days>(rows->time(i, 1))});
  }
  return {};
}

// Attaching a table lets readers and writers go on; CREATE TABLE … PARTITION OF would wait for all
// of them, and hold up those that come after.
Result<void> Partitions::create(Connection& connection, const DayRange& range) {
  return connection.execute(
      fmt::format("CREATE TABLE \"{0}\" (LIKE {1} INCLUDING ALL); "
                  "ALTER TABLE {1} ATTACH PARTITION \"{0}\" "
                  "FOR VALUES FROM ('{2} 00:00:00+00') TO ('{3} 00:00:00+00')",
                  partition_name(table_, range), table_, to_date(range.first), to_date(range.end)),
      doing_);
}

}  // namespace unity::db::postgres
