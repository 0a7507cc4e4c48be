// Looks into an SQLite file behind the adapter's back.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>
#include <vector>

namespace unity::test {

class Inspector {
 public:
  explicit Inspector(const std::filesystem::path& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
    sqlite3_busy_timeout(handle_, 10000);
  }
  ~Inspector() { sqlite3_close(handle_); }
  Inspector(const Inspector&) = delete;
  Inspector& operator=(const Inspector&) = delete;

  // The rows, their columns joined by "|".
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> found;
    const auto add = [](void* rows, int columns, char** values, char**) {
      std::string row;
      for (int i = 0; i < columns; ++i) {
        row += i > 0 ? "|" : "";
        row += values[i] != nullptr ? values[i] : "NULL";
      }
      static_cast<std::vector<std::string>*>(rows)->push_back(row);
      return 0;
    };
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), add, &found, &error), SQLITE_OK) << error;
    sqlite3_free(error);
    return found;
  }
  std::string value(const std::string& sql) {
    const auto found = rows(sql);
    return found.empty() ? std::string() : found.front();
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace unity::test
