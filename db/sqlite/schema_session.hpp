// The schema of an SQLite file.
#pragma once

#include <filesystem>
#include <memory>

#include "migrate/schema_session.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

// To look: a file that does not exist is an empty database, and is not created.
Result<std::unique_ptr<SchemaSession>> look_at_sqlite_schema(const DatabaseConfig& config);
// To change, all or nothing: a process that is killed on the way leaves the schema as it was.
Result<std::unique_ptr<SchemaSession>> open_sqlite_schema(const DatabaseConfig& config);

}  // namespace unity::db
