// The databases between which rows are moved.
#pragma once

#include <string>
#include <vector>

#include "support/mariadb_server.hpp"
#include "support/postgres_server.hpp"
#include "support/temp_dir.hpp"

namespace unity::test {

inline const std::vector<std::string> kSides{"mariadb", "postgresql", "sqlite"};

// An empty database; SQLite's is a file in `folder` that is not there yet.
inline db::DatabaseConfig make_side(const std::string& type, const TempDir& folder) {
  if (type == "mariadb") return MariadbServer::shared().make_database();
  if (type == "postgresql") return PostgresServer::shared().make_database();
  static int files = 0;
  db::DatabaseConfig config;
  config.path = folder / ("side" + std::to_string(++files) + ".db");
  return config;
}

}  // namespace unity::test
