// Mends one row of the history of a schema that is in fact as it should be.
#pragma once

#include <string_view>
#include <vector>

#include "migrate/schema_session.hpp"

namespace unity::db {

struct RepairOptions {
  int seq = 0;
  std::string_view reason = {};
  std::string_view app_version = {};
};

// Writes the row of a migration as this binary would: one whose checksum differs, that was cut off,
// or that is missing. Refused unless the database has just what its migrations make. The row then
// says who did it when and why, and what was there before. Empty if the row is right already.
Result<std::vector<MigrationState>> repair(SchemaSession& session, Migrations migrations,
                                           const RepairOptions& options);

}  // namespace unity::db
