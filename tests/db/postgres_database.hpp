// A database on the tests' own server, and a look into it behind the adapter's back.
#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <string>
#include <vector>

#include "support/postgres_server.hpp"

namespace unity::test {

class PostgresInspector {
 public:
  explicit PostgresInspector(const db::DatabaseConfig& config) {
    const auto& server = config.server;
    handle_ =
        PQconnectdb(("host=" + server.host + " user=unity dbname=" + server.database).c_str());
    EXPECT_EQ(PQstatus(handle_), CONNECTION_OK) << PQerrorMessage(handle_);
    rows("SET TimeZone = 'UTC'");
  }
  ~PostgresInspector() { PQfinish(handle_); }
  PostgresInspector(const PostgresInspector&) = delete;
  PostgresInspector& operator=(const PostgresInspector&) = delete;

  // The rows, their columns joined by "|".
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> found;
    PGresult* result = PQexec(handle_, sql.c_str());
    const auto status = PQresultStatus(result);
    EXPECT_TRUE(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        << sql << ": " << PQerrorMessage(handle_);
    for (int row = 0; row < PQntuples(result); ++row) {
      std::string line;
      for (int column = 0; column < PQnfields(result); ++column) {
        line += column > 0 ? "|" : "";
        line += PQgetisnull(result, row, column) != 0 ? "NULL" : PQgetvalue(result, row, column);
      }
      found.push_back(std::move(line));
    }
    PQclear(result);
    return found;
  }
  std::string value(const std::string& sql) {
    const auto found = rows(sql);
    return found.empty() ? std::string() : found.front();
  }

 private:
  PGconn* handle_;
};

}  // namespace unity::test
