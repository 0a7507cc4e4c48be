// Migrations as the statements of one database. Needs no database.
#pragma once

#include <string>
#include <vector>

#include "migrate/plan.hpp"
#include "schema/change.hpp"

namespace unity::db {

struct Step {
  schema::Change change;
  std::vector<std::string> statements;  // without semicolons
  bool alone = false;                   // outside of any transaction; of an index
};

// The schema that a database has once the migrations up to `seq` are applied: what they made, and
// the table of applied migrations.
schema::Schema schema_at(Migrations migrations, int seq, Dialect dialect);

// What applies migration `seq` to a schema that has those before it, and what takes it back.
std::vector<Step> upgrade_steps(Migrations migrations, int seq, Dialect dialect);
std::vector<Step> downgrade_steps(Migrations migrations, int seq, Dialect dialect);

// Statements with semicolons, as a person reads them.
std::string to_sql(const Step& step);
std::string to_sql(const std::vector<Step>& steps);
// Migration `seq` as the golden files hold it.
std::string render(Migrations migrations, int seq, Dialect dialect);

}  // namespace unity::db
