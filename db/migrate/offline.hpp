// A script that somebody else runs, with the database's own client, where the host may not.
#pragma once

#include <string>
#include <string_view>

#include "migrate/plan.hpp"

namespace unity::db {

// From one migration to another, which may be lower; all or nothing where the database can. Notes
// in schema_migrations what it did, as an upgrade by the host does.
std::string offline_script(Migrations migrations, int from, int to, Dialect dialect,
                           std::string_view app_version);

}  // namespace unity::db
