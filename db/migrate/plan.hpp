// Compares what a database says was applied with what this binary has. Knows no database.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/ops.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

// The migrations of this binary, first to last.
using Migrations = std::span<const Migration>;

// A row of schema_migrations.
struct AppliedMigration {
  int seq = 0;
  std::string name;
  std::string checksum;  // 32 bytes
  Time finished_at{};
};

// What the table of applied migrations looks like, itself an operation like any other.
const CreateTable& history_table();

SchemaState describe_schema(Migrations migrations, Dialect dialect,
                            std::span<const AppliedMigration> applied);

// The migrations still to come. Refused if the database is newer than the binary or if what was
// applied is not what the binary has: then all differences are listed. `place` is for the message.
Result<Migrations> pending_migrations(Migrations migrations, Dialect dialect,
                                      std::span<const AppliedMigration> applied,
                                      std::string_view place);

// Refused unless nothing is to come.
Result<void> require_head(Migrations migrations, Dialect dialect,
                          std::span<const AppliedMigration> applied, std::string_view place);

}  // namespace unity::db
