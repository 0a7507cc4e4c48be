// What the commands of `unity db` do in the same way.
#pragma once

#include <vector>

#include "commands/db.hpp"
#include "commands/support.hpp"
#include "unity/core/json/value.hpp"
#include "unity/db/schema.hpp"

namespace unity::host {

json::Value to_json(const std::vector<db::MigrationState>& migrations);
// What is not as it should be: a sentence each.
std::vector<std::string> findings_of(const db::SchemaVerification& verification);
// "the schema is up to date"-like text if nothing was done.
int tell(const DbOptions& options, const Result<std::vector<db::MigrationState>>& done,
         std::string_view nothing);

}  // namespace unity::host
