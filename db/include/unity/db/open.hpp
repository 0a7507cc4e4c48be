// Opens a database: all that the host sees of this floor.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/ports/audit.hpp"
#include "unity/core/ports/metric_reader.hpp"
#include "unity/core/ports/storage.hpp"
#include "unity/db/pool_state.hpp"
#include "unity/db/server_config.hpp"

namespace unity::db {

// Where a database is. `type` is one of database_types().
struct DatabaseConfig {
  std::string type = "sqlite";
  std::filesystem::path path;  // sqlite: the file
  ServerConfig server = {};    // the others
};

// Where it is, for people: a path, or "unity on nas:5432". Holds no secrets.
std::string place_of(const DatabaseConfig& config);

// The types that open_database() knows, sorted: {"mariadb", "memory", "postgresql", "sqlite"}.
std::vector<std::string> database_types();

// An open database. Its parts may share one connection and belong to one thread.
class Database {
 public:
  virtual ~Database() = default;
  virtual Storage& storage() = 0;
  virtual Catalog& catalog() = 0;
  virtual Audit& audit() = 0;
  virtual MetricReader& reader() = 0;
  // Of its connections, if it shares some. Any thread.
  virtual std::optional<PoolState> pool() const { return std::nullopt; }
};

// Opens for writing. The schema must be at this binary's head: an older or newer one is
// Errc::refused with a message that says what to do.
Result<std::unique_ptr<Database>> open_database(const DatabaseConfig& config);

// Opens for reading only, beside a host that writes. Errc::not_found if there is no database yet.
Result<std::unique_ptr<MetricReader>> open_reader(const DatabaseConfig& config);

}  // namespace unity::db
