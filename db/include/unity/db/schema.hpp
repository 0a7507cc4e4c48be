// The schema of a database: where it is, and how it is brought to where it should be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/db/open.hpp"

namespace unity::db {

// One row of the migration history, or one migration that is still to come.
struct MigrationState {
  int seq = 0;
  std::string name;
  // "applied", "pending", "cut off", "checksum differs", "unknown to this version"; of what was
  // just done: "applied", "taken back", "stamped".
  std::string state;
  std::string applied_at;  // RFC 3339; empty if pending
};

struct SchemaState {
  int current = 0;      // 0: empty database
  int head = 0;         // what this binary wants
  std::string dialect;  // in what its scripts are written, as schema_scripts() takes it
  std::vector<MigrationState> migrations;
};

// Reads the state; never changes anything. A database that does not exist yet is at 0.
Result<SchemaState> schema_state(const DatabaseConfig& config);

// Brings the schema up to `target`, by default to head, creating the database if there is none.
// Safe against other starters: one applies, the others wait and find it done. Refuses a schema that
// is newer than this binary can work with or whose checksums differ. Returns the migrations applied
// by this call.
Result<std::vector<MigrationState>> upgrade_schema(const DatabaseConfig& config,
                                                   std::string_view app_version,
                                                   std::optional<int> target = {});

// Takes migrations back, last first, until `target` is the last. Refused if data would be lost,
// unless allowed; the message lists what.
Result<std::vector<MigrationState>> downgrade_schema(const DatabaseConfig& config,
                                                     std::string_view app_version, int target,
                                                     bool allow_data_loss);

// Notes that the schema is at `target`, and changes nothing else. Refused unless it is.
Result<std::vector<MigrationState>> stamp_schema(const DatabaseConfig& config,
                                                 std::string_view app_version, int target);

// Writes the row of one migration as this version would: refused unless the database is just what
// its migrations make. The row keeps who did it, when and why. Empty if there is nothing to mend.
Result<std::vector<MigrationState>> repair_schema(const DatabaseConfig& config,
                                                  std::string_view app_version, int seq,
                                                  std::string_view reason);

// What was found of one thing that a migration made.
struct VerifiedObject {
  std::string name;                   // "table devices", "index ix_incidents_src", "view alerts"
  std::vector<std::string> findings;  // empty: it is as it should be
};
struct VerifiedMigration {
  int seq = 0;
  std::string name;
  std::string history;  // as MigrationState::state, or "not recorded"
  std::vector<VerifiedObject> objects;
};
struct SchemaVerification {
  std::vector<VerifiedMigration> migrations;  // those that are applied, in order
  std::vector<std::string> others;            // of what no migration made

  bool is_good() const;
};
// Looks at each object of each applied migration and at each row of the history, and says all that
// is wrong. Changes nothing.
Result<SchemaVerification> verify_schema(const DatabaseConfig& config);

// The migrations, tried in a place of their own.
struct Rehearsal {
  std::string place;    // "schema unity_test_1f3a of unity on nas:5432"
  std::string why_not;  // the role may make no such place: nothing was tried; empty if it may
  std::vector<MigrationState> applied;
  std::vector<MigrationState> taken_back;
};
// Upgrades and downgrades a scratch copy of the schema: a schema of its own on PostgreSQL, a
// database on MariaDB, a temporary file for SQLite. Leaves nothing behind.
Result<Rehearsal> rehearse_schema(const DatabaseConfig& config, std::string_view app_version);

// Makes the database if there is none and the role may; true if it did. Its schema is another
// matter.
Result<bool> create_database(const DatabaseConfig& config);

// A difference between a schema and what its migrations made: somebody else was at it.
struct SchemaDrift {
  std::string table;   // or view
  std::string part;    // "column metadata"; empty: the table itself
  std::string kind;    // "missing", "unexpected", "type", "nullability", "default", "different"
  std::string wanted;  // empty if unexpected
  std::string found;   // empty if missing
  std::string text;    // all of it as a sentence
};
Result<std::vector<SchemaDrift>> find_schema_drift(const DatabaseConfig& config);

// One migration as SQL for a type of database. Needs no database.
struct MigrationScript {
  int seq = 0;
  std::string name;
  std::string sql;
  std::vector<std::string> losses;  // "drops the column devices.metadata"
  bool breaking = false;            // older versions of unity cannot work with the result
};
// From `from` to `to`, which may be lower: then it is taken back.
Result<std::vector<MigrationScript>> schema_scripts(std::string_view database_type, int from,
                                                    int to);
// The same as one script for the database's own client, which also notes what it applied.
Result<std::string> schema_sql(std::string_view database_type, std::string_view app_version,
                               int from, int to);
// What in the migrations of this binary may hurt somebody.
struct SchemaFinding {
  int seq = 0;
  std::string what;  // "destructive", "backward-incompatible", "data-dependent", "rewrites"
  std::string text;
  bool allowed = false;  // else the migration should be marked as breaking
};
Result<std::vector<SchemaFinding>> lint_schema(std::string_view database_type);
// The number of the last migration of this binary.
int schema_head();

}  // namespace unity::db
