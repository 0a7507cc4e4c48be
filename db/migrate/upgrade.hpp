// Brings a schema to this binary's head, the same way in every database. How to keep others out
// meanwhile is the adapter's business.
#pragma once

#include <string_view>
#include <vector>

#include "migrate/history.hpp"

namespace unity::db {

Result<SchemaState> describe_schema(History& history, Migrations migrations);

// False if there is something to apply. Refused as by pending_migrations().
Result<bool> is_at_head(History& history, Migrations migrations);

// Applies what is to come and notes it, inside a transaction of the caller's.
Result<std::vector<MigrationState>> apply_pending(History& history, Migrations migrations,
                                                  std::string_view app_version);

// Refused unless the schema is at the head of `migrations`.
Result<void> require_head(History& history, Migrations migrations);

}  // namespace unity::db
