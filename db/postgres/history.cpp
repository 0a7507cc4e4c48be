#include "postgres/history.hpp"

#include <fmt/format.h>

namespace unity::db::postgres {
namespace {

constexpr std::string_view kReading = "read the migration history of";
// Tables of extensions are nobody's data.
constexpr const char* kTables =
    "SELECT count(*), count(*) FILTER (WHERE relname = 'schema_migrations') FROM pg_class c "
    "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') "
    "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')";

}  // namespace

Result<std::optional<std::vector<AppliedMigration>>> PostgresHistory::read() {
  auto tables = connection_.query(kTables, Parameters(), kReading);
  if (!tables) return std::move(tables).error();
  if (tables->integer(0, 0) == 0) return std::optional<std::vector<AppliedMigration>>();
  if (tables->integer(0, 1) == 0) {
    return Error{Errc::refused,
                 fmt::format("{} has tables that unity did not make and no schema_migrations: it "
                             "belongs to something else. Choose another database",
                             connection_.place())};
  }
  auto rows = connection_.query(
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

Result<void> PostgresHistory::execute(const std::string& statement, std::string_view doing) {
  return connection_.execute(statement, doing);
}

Result<void> PostgresHistory::add(const HistoryRow& row, std::string_view doing) {
  auto added = connection_.query(
      "INSERT INTO schema_migrations (seq, name, checksum, state, started_at, finished_at, "
      "app_version, applied_by, dialect, sql_text) "
      "VALUES ($1, $2, $3, 'done', $4, $5, $6, $7, $8, $9)",
      Parameters(row.seq, row.name, Bytes{row.checksum}, row.started_at, row.finished_at,
                 row.app_version, row.applied_by, row.dialect, row.sql_text),
      doing);
  if (!added) return std::move(added).error();
  return {};
}

}  // namespace unity::db::postgres
