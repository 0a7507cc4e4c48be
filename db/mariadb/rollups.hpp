// Rollups in a MariaDB database.
#pragma once

#include <memory>

#include "mariadb/connection.hpp"
#include "rollup/rollup_store.hpp"

namespace unity::db::mariadb {

// In the session of `connection`, which outlives it.
std::unique_ptr<RollupStore> make_rollups(Connection& connection);

}  // namespace unity::db::mariadb
