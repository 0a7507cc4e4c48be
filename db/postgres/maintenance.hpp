// Keeps a PostgreSQL database in order.
#pragma once

#include <memory>

#include "maintenance/maintenance_session.hpp"
#include "unity/db/server_config.hpp"

namespace unity::db::postgres {

// In a session of its own, which holds the lock of the jobs.
Result<std::unique_ptr<MaintenanceSession>> open_maintenance(const ServerConfig& config);

}  // namespace unity::db::postgres
