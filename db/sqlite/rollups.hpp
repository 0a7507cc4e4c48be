// Rollups in an SQLite file.
#pragma once

#include <memory>

#include "rollup/rollup_store.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/file_lock.hpp"

namespace unity::db {

// Both outlive it.
std::unique_ptr<RollupStore> make_sqlite_rollups(Connection& connection, FileLock& lock);

}  // namespace unity::db
