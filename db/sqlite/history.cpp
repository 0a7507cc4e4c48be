#include "sqlite/history.hpp"

#include <fmt/format.h>

namespace unity::db {
namespace {

constexpr std::string_view kReading = "read the migration history of";

Error foreign(const Connection& connection) {
  return {Errc::refused,
          fmt::format("{} has tables that unity did not make and no schema_migrations: it belongs "
                      "to something else. Choose another path",
                      connection.path())};
}

}  // namespace

Result<std::optional<std::vector<AppliedMigration>>> SqliteHistory::read() {
  auto tables = connection_.prepare(
      "SELECT count(*), coalesce(sum(name = 'schema_migrations'), 0) FROM sqlite_master "
      "WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
      kReading);
  if (!tables) return std::move(tables).error();
  if (auto row = connection_.next(*tables, kReading); !row) return std::move(row).error();
  if (tables->integer(0) == 0) return std::optional<std::vector<AppliedMigration>>();
  if (tables->integer(1) == 0) return foreign(connection_);

  auto rows = connection_.prepare(
      "SELECT seq, name, checksum, finished_at FROM schema_migrations ORDER BY seq", kReading);
  if (!rows) return std::move(rows).error();
  std::vector<AppliedMigration> applied;
  while (true) {
    auto row = connection_.next(*rows, kReading);
    if (!row) return std::move(row).error();
    if (!*row) return std::optional(std::move(applied));
    applied.push_back({static_cast<int>(rows->integer(0)), std::string(rows->text(1)),
                       std::string(rows->text(2)),
                       Time(std::chrono::microseconds(rows->integer(3)))});
  }
}

Result<void> SqliteHistory::execute(const std::string& statement, std::string_view doing) {
  return connection_.execute(statement.c_str(), doing);
}

Result<void> SqliteHistory::add(const HistoryRow& row, std::string_view doing) {
  auto insert = connection_.prepare(
      "INSERT INTO schema_migrations (seq, name, checksum, state, started_at, finished_at, "
      "app_version, applied_by, dialect, sql_text) VALUES (?, ?, ?, 'done', ?, ?, ?, ?, ?, ?)",
      doing);
  if (!insert) return std::move(insert).error();
  insert->bind(row.seq, row.name, Blob{row.checksum}, row.started_at, row.finished_at,
               row.app_version, row.applied_by, row.dialect, row.sql_text);
  return connection_.run(*insert, doing);
}

}  // namespace unity::db
