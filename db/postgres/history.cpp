#include "postgres/history.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kReading = "read the migration history of";
// Tables of extensions are nobody's data.
constexpr const char* kTables =
    "SELECT count(*), count(*) FILTER (WHERE relname = 'schema_migrations') FROM pg_class c "
    "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') "
    "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')";
// The column `breaking` came with migration 4.
constexpr const char* kRows =
    "SELECT seq, name, checksum, state, coalesce(dirty_step, 0), "
    "coalesce(finished_at, started_at), "
    "coalesce((to_jsonb(m) ->> 'breaking')::boolean, FALSE) "
    "FROM schema_migrations m ORDER BY seq";

}  // namespace

Result<History> read_history(Connection& connection) {
  auto tables = connection.query(kTables, Parameters(), kReading);
  if (!tables) return std::move(tables).error();
  History history;
  history.owner = tables->integer(0, 0) == 0   ? History::Owner::nobody
                  : tables->integer(0, 1) == 0 ? History::Owner::others
                                               : History::Owner::unity;
  if (history.owner != History::Owner::unity) return history;

  auto rows = connection.query(kRows, Parameters(), kReading);
  if (!rows) return std::move(rows).error();
  for (int i = 0; i < rows->size(); ++i) {
    history.applied.push_back({static_cast<int>(rows->integer(i, 0)),
                               std::string(rows->bytes(i, 1)), std::string(rows->bytes(i, 2)),
                               rows->time(i, 5), to_progress(rows->bytes(i, 3)),
                               static_cast<int>(rows->integer(i, 4)), rows->flag(i, 6)});
  }
  return history;
}

Result<void> write_history(Connection& connection, const HistoryRow& row, std::string_view doing) {
  auto added = connection.query(
      "INSERT INTO schema_migrations (seq, name, checksum, state, dirty_step, started_at, "
      "finished_at, app_version, applied_by, dialect, sql_text) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
      "ON CONFLICT (seq) DO UPDATE SET name = excluded.name, checksum = excluded.checksum, "
      "state = excluded.state, dirty_step = excluded.dirty_step, "
      "started_at = excluded.started_at, finished_at = excluded.finished_at, "
      "app_version = excluded.app_version, applied_by = excluded.applied_by, "
      "dialect = excluded.dialect, sql_text = excluded.sql_text",
      Parameters(row.seq, row.name, Bytes{row.checksum}, to_text(row.progress), row.dirty_step,
                 row.started_at, row.finished_at, row.app_version, row.applied_by, row.dialect,
                 row.sql_text),
      doing);
  if (!added) return std::move(added).error();
  if (!row.breaking) return {};
  // The column is there: the migration that adds it is not breaking, and comes first.
  auto marked = connection.query("UPDATE schema_migrations SET breaking = TRUE WHERE seq = $1",
                                 Parameters(row.seq), doing);
  if (!marked) return std::move(marked).error();
  return {};
}

Result<std::string> read_sql(Connection& connection, int seq) {
  auto rows = connection.query("SELECT sql_text FROM schema_migrations WHERE seq = $1",
                               Parameters(seq), kReading);
  if (!rows) return std::move(rows).error();
  return rows->size() == 0 ? std::string() : std::string(rows->bytes(0, 0));
}

}  // namespace unity::db::postgres
