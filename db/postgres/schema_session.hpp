// The schema of a PostgreSQL database.
#pragma once

#include <memory>

#include "migrate/schema_session.hpp"
#include "unity/core/base/time.hpp"
#include "unity/db/server_config.hpp"

namespace unity::db::postgres {

// How long a starter waits for others that change the schema.
inline constexpr Duration kLockWaitMax = std::chrono::seconds(600);

// What is changed is changed all or nothing, in a session that holds the lock: a process that is
// killed on the way leaves the schema as it was, and the lock free. Only what is made outside of a
// transaction is final at once, with all before it: it is noted how far that got, and gone on with.
Result<std::unique_ptr<SchemaSession>> open_schema(const ServerConfig& config,
                                                   Duration lock_wait_max = kLockWaitMax);

}  // namespace unity::db::postgres
