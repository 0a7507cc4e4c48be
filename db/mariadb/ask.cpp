#include "mariadb/ask.hpp"

#include "mariadb/connection.hpp"
#include "report/server_ask.hpp"

namespace unity::db::mariadb {
namespace {

constexpr Questions kQuestions{
    .quote = '`',
    .to_micros = "{}",
    .from_micros = "{}",
    .integer = "SIGNED",
    .real = "DOUBLE",
    .text = "CHAR",
    .server =
        "SELECT 'MariaDB', VERSION(), CAST(COALESCE(SUM(data_length + index_length), 0) AS "
        "SIGNED) FROM information_schema.tables WHERE table_schema = DATABASE()",
    .tables =
        "SELECT t.table_name, CAST(t.table_rows AS SIGNED), CAST(t.data_length AS SIGNED), "
        "CAST(t.index_length AS SIGNED), COALESCE(p.partitions, 0) "
        "FROM information_schema.tables t LEFT JOIN (SELECT table_name, COUNT(*) AS partitions "
        "FROM information_schema.partitions WHERE table_schema = DATABASE() "
        "AND partition_name IS NOT NULL GROUP BY table_name) p ON p.table_name = t.table_name "
        "WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' ORDER BY 3 DESC, 1",
    .indexes =
        "SELECT s.table_name, s.index_name, CAST(NULL AS SIGNED), CAST(s.rows_read AS "
        "SIGNED) FROM information_schema.index_statistics s "
        "WHERE s.table_schema = DATABASE() ORDER BY s.rows_read DESC, 1, 2",
    .indexes_note = "the server counts none unless told to: SET GLOBAL userstat = 1",
    .statements =
        "SELECT LEFT(digest_text, 100), CAST(count_star AS SIGNED), "
        "CAST(avg_timer_wait / 1e9 AS DOUBLE), CAST(sum_timer_wait / 1e9 AS DOUBLE) "
        "FROM performance_schema.events_statements_summary_by_digest "
        "WHERE schema_name = DATABASE() ORDER BY sum_timer_wait DESC",
    .statements_note =
        "the server counts none unless it is started with performance_schema = on; "
        "the user must be able to read that schema",
};

}  // namespace

Result<std::unique_ptr<AskSession>> open_ask_session(const ServerConfig& config) {
  auto connection = Connection::open(config);
  if (!connection) return std::move(connection).error();
  return std::unique_ptr<AskSession>(
      std::make_unique<ServerAsk<Connection, Parameters>>(std::move(*connection), kQuestions));
}

}  // namespace unity::db::mariadb
