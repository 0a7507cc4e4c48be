// The table schema_migrations of an SQLite file.
#pragma once

#include <optional>
#include <vector>

#include "migrate/plan.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

// In order; nothing if the database is empty. Refused if it belongs to something else.
Result<std::optional<std::vector<AppliedMigration>>> read_history(Connection& connection);

// Both inside a transaction of the caller's.
Result<MigrationState> apply_migration(Connection& connection, const Migration& migration,
                                       std::string_view app_version);
Result<void> create_history(Connection& connection);

}  // namespace unity::db
