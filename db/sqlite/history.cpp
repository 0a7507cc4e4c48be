#include "sqlite/history.hpp"

#include <fmt/format.h>

#include "base/now.hpp"
#include "migrate/applied_by.hpp"
#include "migrate/checksum.hpp"
#include "migrate/render.hpp"

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

Result<std::optional<std::vector<AppliedMigration>>> read_history(Connection& connection) {
  auto tables = connection.prepare(
      "SELECT count(*), coalesce(sum(name = 'schema_migrations'), 0) FROM sqlite_master "
      "WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
      kReading);
  if (!tables) return std::move(tables).error();
  if (auto row = connection.next(*tables, kReading); !row) return std::move(row).error();
  if (tables->integer(0) == 0) return std::optional<std::vector<AppliedMigration>>();
  if (tables->integer(1) == 0) return foreign(connection);

  auto rows = connection.prepare(
      "SELECT seq, name, checksum, finished_at FROM schema_migrations ORDER BY seq", kReading);
  if (!rows) return std::move(rows).error();
  std::vector<AppliedMigration> applied;
  while (true) {
    auto row = connection.next(*rows, kReading);
    if (!row) return std::move(row).error();
    if (!*row) return std::optional(std::move(applied));
    applied.push_back({static_cast<int>(rows->integer(0)), std::string(rows->text(1)),
                       std::string(rows->text(2)),
                       Time(std::chrono::microseconds(rows->integer(3)))});
  }
}

Result<void> create_history(Connection& connection) {
  return connection.execute(render(history_table(), Dialect::sqlite).c_str(),
                            "create schema_migrations in");
}

Result<MigrationState> apply_migration(Connection& connection, const Migration& migration,
                                       std::string_view app_version) {
  const auto doing = fmt::format("apply migration {} ({}) to", migration.seq, migration.name);
  const auto started_at = now();
  for (const auto& op : migration.ops()) {
    if (auto done = connection.execute(render(op, Dialect::sqlite).c_str(), doing); !done) {
      return std::move(done).error();
    }
  }
  const auto finished_at = now();
  auto insert = connection.prepare(
      "INSERT INTO schema_migrations (seq, name, checksum, state, started_at, finished_at, "
      "app_version, applied_by, dialect, sql_text) VALUES (?, ?, ?, 'done', ?, ?, ?, ?, ?, ?)",
      doing);
  if (!insert) return std::move(insert).error();
  const auto hash = checksum(migration.ops(), Dialect::sqlite);
  const auto who = applied_by();
  const auto sql = render(migration, Dialect::sqlite);
  insert->bind(migration.seq, migration.name,
               Blob{{reinterpret_cast<const char*>(hash.data()), hash.size()}}, started_at,
               finished_at, app_version.substr(0, 64), who, to_text(Dialect::sqlite), sql);
  if (auto done = connection.run(*insert, doing); !done) return std::move(done).error();
  return MigrationState{migration.seq, std::string(migration.name), "applied",
                        to_rfc3339(finished_at)};
}

}  // namespace unity::db
