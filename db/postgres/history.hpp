// The table schema_migrations of a PostgreSQL database.
#pragma once

#include <optional>
#include <vector>

#include "migrate/plan.hpp"
#include "postgres/connection.hpp"

namespace unity::db::postgres {

// In order; nothing if the schema is empty. Refused if it belongs to something else.
Result<std::optional<std::vector<AppliedMigration>>> read_history(Connection& connection);

// Both inside a transaction of the caller's.
Result<void> create_history(Connection& connection);
Result<MigrationState> apply_migration(Connection& connection, const Migration& migration,
                                       std::string_view app_version);

}  // namespace unity::db::postgres
