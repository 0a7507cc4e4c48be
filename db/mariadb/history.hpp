// The table schema_migrations of a MariaDB database.
#pragma once

#include "mariadb/connection.hpp"
#include "migrate/schema_session.hpp"

namespace unity::db::mariadb {

Result<History> read_history(Connection& connection);
Result<void> write_history(Connection& connection, const HistoryRow& row, std::string_view doing);

// The column sql_text of a row; empty if there is no such row.
Result<std::string> read_sql(Connection& connection, int seq);

}  // namespace unity::db::mariadb
