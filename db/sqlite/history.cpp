#include "sqlite/history.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kReading = "read the migration history of";

// Who made the tables; and whether there is the column that migration 4 added.
Result<std::pair<History::Owner, bool>> find_owner(Connection& connection) {
  auto tables = connection.prepare(
      "SELECT count(*), coalesce(sum(name = 'schema_migrations'), 0), "
      "(SELECT count(*) FROM pragma_table_info('schema_migrations') WHERE name = 'breaking') "
      "FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
      kReading);
  if (!tables) return std::move(tables).error();
  if (auto row = connection.next(*tables, kReading); !row) return std::move(row).error();
  const auto owner = tables->integer(0) == 0   ? History::Owner::nobody
                     : tables->integer(1) == 0 ? History::Owner::others
                                               : History::Owner::unity;
  return std::pair(owner, tables->integer(2) != 0);
}

}  // namespace

Result<History> read_history(Connection& connection) {
  auto owner = find_owner(connection);
  if (!owner) return std::move(owner).error();
  History history;
  history.owner = owner->first;
  if (history.owner != History::Owner::unity) return history;

  auto rows = connection.prepare(
      owner->second ? "SELECT seq, name, checksum, state, coalesce(dirty_step, 0), "
                      "coalesce(finished_at, started_at), breaking "
                      "FROM schema_migrations ORDER BY seq"
                    : "SELECT seq, name, checksum, state, coalesce(dirty_step, 0), "
                      "coalesce(finished_at, started_at), 0 FROM schema_migrations ORDER BY seq",
      kReading);
  if (!rows) return std::move(rows).error();
  while (true) {
    auto row = connection.next(*rows, kReading);
    if (!row) return std::move(row).error();
    if (!*row) return history;
    history.applied.push_back(
        {static_cast<int>(rows->integer(0)), std::string(rows->text(1)), std::string(rows->text(2)),
         Time(std::chrono::microseconds(rows->integer(5))), to_progress(rows->text(3)),
         static_cast<int>(rows->integer(4)), rows->integer(6) != 0});
  }
}

Result<void> write_history(Connection& connection, const HistoryRow& row, std::string_view doing) {
  auto insert = connection.prepare(
      "INSERT OR REPLACE INTO schema_migrations (seq, name, checksum, state, dirty_step, "
      "started_at, finished_at, app_version, applied_by, dialect, sql_text) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      doing);
  if (!insert) return std::move(insert).error();
  insert->bind(row.seq, row.name, Blob{row.checksum}, to_text(row.progress), row.dirty_step,
               row.started_at, row.finished_at, row.app_version, row.applied_by, row.dialect,
               row.sql_text);
  if (auto done = connection.run(*insert, doing); !done || !row.breaking) return done;
  // The column is there: the migration that adds it is not breaking, and comes first.
  auto mark = connection.prepare("UPDATE schema_migrations SET breaking = 1 WHERE seq = ?", doing);
  if (!mark) return std::move(mark).error();
  mark->bind(row.seq);
  return connection.run(*mark, doing);
}

Result<std::string> read_sql(Connection& connection, int seq) {
  auto rows = connection.prepare("SELECT sql_text FROM schema_migrations WHERE seq = ?", kReading);
  if (!rows) return std::move(rows).error();
  rows->bind(seq);
  auto row = connection.next(*rows, kReading);
  if (!row) return std::move(row).error();
  return *row ? std::string(rows->text(0)) : std::string();
}

}  // namespace unity::db
