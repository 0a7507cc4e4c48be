#include "mariadb/history.hpp"

namespace unity::db::mariadb {
namespace {

constexpr std::string_view kReading = "read the migration history of";
// The column `breaking` came with migration 4.
constexpr const char* kTables =
    "SELECT COUNT(*), COUNT(IF(table_name = 'schema_migrations', 1, NULL)), "
    "(SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() "
    "AND table_name = 'schema_migrations' AND column_name = 'breaking') "
    "FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'";
#define UNITY_HISTORY_WITH(breaking)                             \
  "SELECT seq, name, checksum, state, COALESCE(dirty_step, 0), " \
  "COALESCE(finished_at, started_at), " breaking " FROM schema_migrations ORDER BY seq"
constexpr const char* kRows = UNITY_HISTORY_WITH("breaking");
constexpr const char* kOldRows = UNITY_HISTORY_WITH("0");
#undef UNITY_HISTORY_WITH
constexpr const char* kWrite =
    "INSERT INTO schema_migrations (seq, name, checksum, state, dirty_step, started_at, "
    "finished_at, app_version, applied_by, dialect, sql_text) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name), "
    "checksum = VALUES(checksum), state = VALUES(state), dirty_step = VALUES(dirty_step), "
    "started_at = VALUES(started_at), finished_at = VALUES(finished_at), "
    "app_version = VALUES(app_version), applied_by = VALUES(applied_by), "
    "dialect = VALUES(dialect), sql_text = VALUES(sql_text)";

}  // namespace

Result<History> read_history(Connection& connection) {
  auto tables = connection.query(kTables, Parameters(), kReading);
  if (!tables) return std::move(tables).error();
  History history;
  history.owner = tables->integer(0, 0) == 0   ? History::Owner::nobody
                  : tables->integer(0, 1) == 0 ? History::Owner::others
                                               : History::Owner::unity;
  if (history.owner != History::Owner::unity) return history;

  auto rows = connection.query(tables->flag(0, 2) ? kRows : kOldRows, Parameters(), kReading);
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
  auto written =
      connection.query(kWrite,
                       Parameters(row.seq, row.name, Bytes{row.checksum}, to_text(row.progress),
                                  row.dirty_step, row.started_at, row.finished_at, row.app_version,
                                  row.applied_by, row.dialect, row.sql_text),
                       doing);
  if (!written) return std::move(written).error();
  if (!row.breaking) return {};
  // The column is there: the migration that adds it is not breaking, and comes first.
  auto marked = connection.query("UPDATE schema_migrations SET breaking = TRUE WHERE seq = ?",
                                 Parameters(row.seq), doing);
  if (!marked) return std::move(marked).error();
  return {};
}

Result<std::string> read_sql(Connection& connection, int seq) {
  auto rows = connection.query("SELECT sql_text FROM schema_migrations WHERE seq = ?",
                               Parameters(seq), kReading);
  if (!rows) return std::move(rows).error();
  return rows->size() == 0 ? std::string() : std::string(rows->bytes(0, 0));
}

}  // namespace unity::db::mariadb
