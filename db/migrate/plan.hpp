// Compares what a database says was applied with what this binary has. Knows no database.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/ops.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"
#include "unity/db/schema.hpp"

namespace unity::db {

// The migrations of this binary, first to last.
using Migrations = std::span<const Migration>;

enum class MigrationProgress : std::uint8_t {
  done,
  applying,   // was cut off, in a database where each statement is final
  reverting,  // as well, on the way back
};
std::string_view to_text(MigrationProgress progress);
// Of a text that is none of these: done.
MigrationProgress to_progress(std::string_view text);

// A row of schema_migrations.
struct AppliedMigration {
  int seq = 0;
  std::string name;
  std::string checksum;  // 32 bytes
  Time finished_at{};    // of one that was cut off: when it began
  MigrationProgress progress = MigrationProgress::done;
  int dirty_step = 0;     // of one that was cut off
  bool breaking = false;  // older versions cannot live with it
};

// What a database says of itself.
struct History {
  enum class Owner : std::uint8_t { nobody, unity, others };
  Owner owner = Owner::nobody;
  std::vector<AppliedMigration> applied;  // in order
};

// What the table of applied migrations looks like, itself an operation like any other.
const CreateTable& history_table();

// What is said of a database with tables that are not ours.
Error belongs_to_others(std::string_view place);

// Whether a row says of its migration what this binary would.
bool is_recorded(Migrations migrations, Dialect dialect, const AppliedMigration& row);

SchemaState describe_schema(Migrations migrations, Dialect dialect, const History& history);

// The migrations still to come; none if the database is ahead of the binary and all that is ahead
// is harmless to it. Refused if it is not, if the database belongs to something else, or if what
// was applied is not what the binary has: then all differences are listed. `place` is for the
// message.
Result<Migrations> pending_migrations(Migrations migrations, Dialect dialect,
                                      const History& history, std::string_view place);

// Refused unless nothing is to come.
Result<void> require_head(Migrations migrations, Dialect dialect, const History& history,
                          std::string_view place);

}  // namespace unity::db
