// The schema of an SQLite file: what it is, and how it is brought to this binary's head.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "migrate/plan.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

Result<SchemaState> sqlite_schema_state(const std::filesystem::path& path, Migrations migrations);

// All or nothing: a process that is killed on the way leaves the schema as it was.
Result<std::vector<MigrationState>> upgrade_sqlite(const std::filesystem::path& path,
                                                   Migrations migrations,
                                                   std::string_view app_version);

}  // namespace unity::db
