// Keeps an SQLite file in order.
#pragma once

#include <memory>

#include "maintenance/maintenance_session.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

// On a connection of its own, beside the writer's: writes are short, and take turns.
Result<std::unique_ptr<MaintenanceSession>> open_sqlite_maintenance(const DatabaseConfig& config);

}  // namespace unity::db
