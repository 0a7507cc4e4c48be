// Changes the schema of a database, the same way in every database: up to this binary's head, back,
// or not at all.
#pragma once

#include <string_view>
#include <vector>

#include "migrate/schema_session.hpp"

namespace unity::db {

struct UpgradeOptions {
  int target = 0;  // the migration to stop at
  std::string_view app_version = {};
  bool allow_data_loss = false;  // downgrade only
};

// False if there is something to apply. Refused as by pending_migrations().
Result<bool> is_at_head(SchemaSession& session, Migrations migrations);

// Applies what is to come up to the target, and says what it applied. Others wait meanwhile. In a
// database where each statement is final, goes on where one that was cut off has stopped.
Result<std::vector<MigrationState>> upgrade(SchemaSession& session, Migrations migrations,
                                            const UpgradeOptions& options);

// Takes back what comes after the target, last first. Refused if data would be lost, unless
// allowed: then all that would be lost is listed.
Result<std::vector<MigrationState>> downgrade(SchemaSession& session, Migrations migrations,
                                              const UpgradeOptions& options);

// Notes the migrations up to the target as applied, and changes nothing else. Refused unless the
// schema is what they would have made.
Result<std::vector<MigrationState>> stamp(SchemaSession& session, Migrations migrations,
                                          const UpgradeOptions& options);

// Where the schema is not what the migrations that it says it has would have made.
Result<std::vector<schema::Drift>> find_drift(SchemaSession& session, Migrations migrations);

}  // namespace unity::db
