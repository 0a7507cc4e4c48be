// The schema of a PostgreSQL database: what it is, and how it is brought to this binary's head.
#pragma once

#include <string_view>
#include <vector>

#include "migrate/plan.hpp"
#include "postgres/connection.hpp"

namespace unity::db::postgres {

// How long a starter waits for others that change the schema.
inline constexpr Duration kLockWaitMax = std::chrono::seconds(600);

Result<SchemaState> read_schema_state(const ServerConfig& config, Migrations migrations);

// All or nothing, in a session of its own that holds the lock: a process that is killed on the way
// leaves the schema as it was, and the lock free.
Result<std::vector<MigrationState>> upgrade(const ServerConfig& config, Migrations migrations,
                                            std::string_view app_version,
                                            Duration lock_wait_max = kLockWaitMax);

}  // namespace unity::db::postgres
