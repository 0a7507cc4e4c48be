// The schema of a MariaDB database.
#pragma once

#include <memory>

#include "migrate/schema_session.hpp"
#include "unity/core/base/time.hpp"
#include "unity/db/server_config.hpp"

namespace unity::db::mariadb {

// How long a starter waits for others that change the schema.
inline constexpr Duration kLockWaitMax = std::chrono::seconds(600);

// Each statement is final. A process that is killed on the way leaves the lock free, and a
// migration that is noted as cut off.
Result<std::unique_ptr<SchemaSession>> open_schema(const ServerConfig& config,
                                                   Duration lock_wait_max = kLockWaitMax);

}  // namespace unity::db::mariadb
