// The PostgreSQL adapter.
#pragma once

#include "postgres/audit.hpp"
#include "postgres/catalog.hpp"
#include "postgres/reader.hpp"
#include "postgres/session_pool.hpp"
#include "postgres/storage.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

Result<std::unique_ptr<Database>> open_postgres(const DatabaseConfig& config);
Result<std::unique_ptr<MetricReader>> open_postgres_reader(const DatabaseConfig& config);
Result<SchemaState> postgres_schema_state(const DatabaseConfig& config);
Result<std::vector<MigrationState>> upgrade_postgres(const DatabaseConfig& config,
                                                     std::string_view app_version);

}  // namespace unity::db
