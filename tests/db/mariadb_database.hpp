// A database on the tests' own server, and a look into it behind the adapter's back.
#pragma once

#include <gtest/gtest.h>
#include <mysql.h>

#include <string>
#include <vector>

#include "support/mariadb_server.hpp"

namespace unity::test {

class MariadbInspector {
 public:
  explicit MariadbInspector(const db::DatabaseConfig& config) : handle_(mysql_init(nullptr)) {
    const auto& server = config.server;
    mysql_options(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    EXPECT_NE(mysql_real_connect(handle_, nullptr, "root", nullptr, server.database.c_str(), 0,
                                 (server.host + "/mysqld.sock").c_str(), 0),
              nullptr)
        << mysql_error(handle_);
  }
  ~MariadbInspector() { mysql_close(handle_); }
  MariadbInspector(const MariadbInspector&) = delete;
  MariadbInspector& operator=(const MariadbInspector&) = delete;

  // The rows, their columns joined by "|".
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> found;
    EXPECT_EQ(mysql_query(handle_, sql.c_str()), 0) << sql << ": " << mysql_error(handle_);
    MYSQL_RES* result = mysql_store_result(handle_);
    if (result == nullptr) return found;
    while (auto* row = mysql_fetch_row(result)) {
      const auto* lengths = mysql_fetch_lengths(result);
      std::string line;
      for (unsigned column = 0; column < mysql_num_fields(result); ++column) {
        line += column > 0 ? "|" : "";
        line += row[column] == nullptr ? "NULL" : std::string(row[column], lengths[column]);
      }
      found.push_back(std::move(line));
    }
    mysql_free_result(result);
    return found;
  }
  std::string value(const std::string& sql) {
    const auto found = rows(sql);
    return found.empty() ? std::string() : found.front();
  }

 private:
  MYSQL* handle_;
};

}  // namespace unity::test
