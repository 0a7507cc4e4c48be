// Databases and schemas of a PostgreSQL server, where the role may make some.
#pragma once

#include "migrate/scratch.hpp"

namespace unity::db::postgres {

// The database, unless it is there: true if it was made. An error is why it cannot be used.
Result<bool> create_database(const DatabaseConfig& config);

// A schema, which the owner of a database may make without any other right. Errc::refused if the
// role may not.
Result<Scratch> make_scratch(const DatabaseConfig& config);

}  // namespace unity::db::postgres
