// The MariaDB adapter.
#pragma once

#include "maintenance/maintenance_session.hpp"
#include "migrate/schema_session.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

Result<std::unique_ptr<Database>> open_mariadb(const DatabaseConfig& config);
Result<std::unique_ptr<MetricReader>> open_mariadb_reader(const DatabaseConfig& config);
Result<std::unique_ptr<SchemaSession>> open_mariadb_schema(const DatabaseConfig& config);
Result<std::unique_ptr<MaintenanceSession>> open_mariadb_maintenance(const DatabaseConfig& config);

}  // namespace unity::db
