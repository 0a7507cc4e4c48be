// The PostgreSQL adapter.
#pragma once

#include "maintenance/maintenance_session.hpp"
#include "migrate/schema_session.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

Result<std::unique_ptr<Database>> open_postgres(const DatabaseConfig& config);
Result<std::unique_ptr<MetricReader>> open_postgres_reader(const DatabaseConfig& config);
Result<std::unique_ptr<SchemaSession>> open_postgres_schema(const DatabaseConfig& config);
Result<std::unique_ptr<MaintenanceSession>> open_postgres_maintenance(const DatabaseConfig& config);

}  // namespace unity::db
