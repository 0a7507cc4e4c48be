#include "postgres/ask.hpp"

#include "postgres/connection.hpp"
#include "report/server_ask.hpp"

namespace unity::db::postgres {
namespace {

constexpr Questions kQuestions{
    .quote = '"',
    .to_micros = "CAST(extract(epoch FROM {}) * 1000000 AS BIGINT)",
    .from_micros = "to_timestamp({} / 1000000.0)",
    .integer = "BIGINT",
    .real = "DOUBLE PRECISION",
    .text = "TEXT",
    .server =
        "SELECT 'PostgreSQL'::text, current_setting('server_version'), "
        "pg_database_size(current_database())",
    .extensions =
        "SELECT extname::text, extversion FROM pg_extension "
        "WHERE extname IN ('timescaledb', 'pg_stat_statements') ORDER BY 1",
    // A table that was never looked at by ANALYZE has no estimate: -1, and 0 before version 14.
    .tables =
        "SELECT root.relname::text, CASE WHEN min(c.reltuples) >= 0 "
        "THEN sum(c.reltuples)::bigint END, sum(pg_table_size(c.oid))::bigint, "
        "sum(pg_indexes_size(c.oid))::bigint, count(*) - 1 FROM pg_class root "
        "CROSS JOIN LATERAL (SELECT root.oid UNION SELECT relid FROM "
        "pg_partition_tree(root.oid)) part(oid) JOIN pg_class c ON c.oid = part.oid "
        "WHERE root.relnamespace = current_schema()::regnamespace "
        "AND root.relkind IN ('r', 'p') AND NOT root.relispartition "
        "GROUP BY root.relname ORDER BY 3 DESC, 1",
    // Of partitions, under the names of what they are parts of.
    .indexes =
        "SELECT coalesce(pt.relname, s.relname)::text, "
        "coalesce(pi.relname, s.indexrelname)::text, "
        "sum(pg_relation_size(s.indexrelid))::bigint, sum(s.idx_scan)::bigint "
        "FROM pg_stat_user_indexes s "
        "LEFT JOIN pg_inherits hi ON hi.inhrelid = s.indexrelid "
        "LEFT JOIN pg_class pi ON pi.oid = hi.inhparent "
        "LEFT JOIN pg_inherits ht ON ht.inhrelid = s.relid "
        "LEFT JOIN pg_class pt ON pt.oid = ht.inhparent "
        "WHERE s.schemaname = current_schema() GROUP BY 1, 2 ORDER BY 4 DESC, 3 DESC, 1, 2",
    .statements =
        "SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 100), calls, "
        "mean_exec_time, total_exec_time FROM pg_stat_statements WHERE dbid = "
        "(SELECT oid FROM pg_database WHERE datname = current_database()) "
        "ORDER BY total_exec_time DESC",
    .statements_note =
        "the extension pg_stat_statements is not there: name it in "
        "shared_preload_libraries, restart the server, and CREATE EXTENSION",
};

}  // namespace

Result<std::unique_ptr<AskSession>> open_ask_session(const ServerConfig& config) {
  auto connection = Connection::open(config);
  if (!connection) return std::move(connection).error();
  return std::unique_ptr<AskSession>(
      std::make_unique<ServerAsk<Connection, Parameters>>(std::move(*connection), kQuestions));
}

}  // namespace unity::db::postgres
