// Rollups in a PostgreSQL database.
#pragma once

#include <memory>

#include "postgres/connection.hpp"
#include "rollup/rollup_store.hpp"

namespace unity::db::postgres {

// In the session of `connection`, which outlives it.
std::unique_ptr<RollupStore> make_rollups(Connection& connection);

}  // namespace unity::db::postgres
