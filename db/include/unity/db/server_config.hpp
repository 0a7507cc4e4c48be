// Where a database server is, who we are there, and how long we wait for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "unity/core/base/time.hpp"
#include "unity/db/pool_config.hpp"

namespace unity::db {

// How TimescaleDB is used where a PostgreSQL server has it.
struct TimeseriesConfig {
  // Nothing: if the database has the extension when its tables are made.
  std::optional<bool> enabled;
  bool compression = true;
  Duration compress_after = std::chrono::hours(7 * 24);  // later than rows come late
};

struct ServerConfig {
  std::string host = "localhost";  // or the folder of its socket: a full path
  std::uint16_t port = 0;          // 0: the usual one of its type
  std::string database = "unity";
  std::string schema;    // PostgreSQL: the one to work in; empty: as the role is used to
  std::string username;  // empty: the user that the host runs as
  std::string password;  // never shown
  std::string sslmode = "prefer";
  std::string sslrootcert;  // the file with authorities to trust; empty: as the client is used to
  Duration connect_timeout = std::chrono::seconds(5);
  Duration statement_timeout = std::chrono::seconds(30);
  PoolConfig pool;
  TimeseriesConfig timeseries;  // postgresql only
};

// Whether the server has to prove who it is.
inline bool verifies(const ServerConfig& config) { return config.sslmode.starts_with("verify"); }

}  // namespace unity::db
