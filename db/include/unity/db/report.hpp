// What a database can tell of itself: which server it is, what takes room, what is slow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/json/value.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

struct ServerFacts {
  struct Extension {
    std::string name;
    std::string version;
  };
  std::string place;
  std::string product;  // "PostgreSQL"; empty: none
  std::string version;
  std::int64_t bytes = 0;             // of the database, on disk
  std::vector<Extension> extensions;  // of those that matter to us
};
// Errc::not_found if there is no database.
Result<ServerFacts> read_server(const DatabaseConfig& config);

// Which tables have what hosts or operators put there, but for rows of `ignored_plugin` (an id) and
// what follows from them. Errc::not_found if there is no database.
Result<std::vector<std::string>> tables_with_data(const DatabaseConfig& config,
                                                  std::string_view ignored_plugin);

struct ReportColumn {
  enum class Kind : std::uint8_t { text, integer, real, bytes, time };  // time: microseconds
  std::string name;
  Kind kind = Kind::text;
};
struct ReportSection {
  std::string name;   // "tables"
  std::string title;  // for people
  std::vector<ReportColumn> columns;
  std::vector<json::Array> rows = {};
  std::string note = {};  // what is to be known of the rows, or why there are none
};
struct DatabaseReport {
  std::vector<ReportSection> sections;
};
// The schema must be at head. `top`: how many rows the lists of the greatest have.
Result<DatabaseReport> read_report(const DatabaseConfig& config, std::size_t top);

}  // namespace unity::db
