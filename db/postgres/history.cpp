#include "postgres/history.hpp"

#include <fmt/format.h>

#include "base/now.hpp"
#include "migrate/applied_by.hpp"
#include "migrate/checksum.hpp"
#include "migrate/render.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kReading = "read the migration history of";
// Tables of extensions are nobody's data.
constexpr const char* kTables =
    "SELECT count(*), count(*) FILTER (WHERE relname = 'schema_migrations') FROM pg_class c "
    "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') "
    "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')";

}  // namespace

Result<std::optional<std::vector<AppliedMigration>>> read_history(Connection& connection) {
  auto tables = connection.query(kTables, Parameters(), kReading);
  if (!tables) return std::move(tables).error();
  if (tables->integer(0, 0) == 0) return std::optional<std::vector<AppliedMigration>>();
  if (tables->integer(0, 1) == 0) {
    return Error{Errc::refused,
                 fmt::format("{} has tables that unity did not make and no schema_migrations: it "
                             "belongs to something else. Choose another database",
                             connection.place())};
  }
  auto rows = connection.query(
      "SELECT seq, name, checksum, finished_at FROM schema_migrations ORDER BY seq", Parameters(),
      kReading);
  if (!rows) return std::move(rows).error();
  std::vector<AppliedMigration> applied;
  for (int i = 0; i < rows->size(); ++i) {
    applied.push_back({static_cast<int>(rows->integer(i, 0)), std::string(rows->bytes(i, 1)),
                       std::string(rows->bytes(i, 2)), rows->time(i, 3)});
  }
  return std::optional(std::move(applied));
}

Result<void> create_history(Connection& connection) {
  return connection.execute(render(history_table(), Dialect::postgresql),
                            "create schema_migrations in");
}

Result<MigrationState> apply_migration(Connection& connection, const Migration& migration,
                                       std::string_view app_version) {
  const auto doing = fmt::format("apply migration {} ({}) to", migration.seq, migration.name);
  const auto started_at = now();
  for (const auto& op : migration.ops()) {
    if (auto done = connection.execute(render(op, Dialect::postgresql), doing); !done) {
      return std::move(done).error();
    }
  }
  const auto finished_at = now();
  const auto hash = checksum(migration.ops(), Dialect::postgresql);
  auto added = connection.query(
      "INSERT INTO schema_migrations (seq, name, checksum, state, started_at, finished_at, "
      "app_version, applied_by, dialect, sql_text) "
      "VALUES ($1, $2, $3, 'done', $4, $5, $6, $7, $8, $9)",
      Parameters(migration.seq, migration.name,
                 Bytes{{reinterpret_cast<const char*>(hash.data()), hash.size()}}, started_at,
                 finished_at, app_version.substr(0, 64), applied_by(), to_text(Dialect::postgresql),
                 render(migration, Dialect::postgresql)),
      doing);
  if (!added) return std::move(added).error();
  return MigrationState{migration.seq, std::string(migration.name), "applied",
                        to_rfc3339(finished_at)};
}

}  // namespace unity::db::postgres
