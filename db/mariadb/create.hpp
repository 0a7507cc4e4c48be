// Databases of a MariaDB server, where the user may make some.
#pragma once

#include "migrate/scratch.hpp"

namespace unity::db::mariadb {

// The database, unless it is there: true if it was made. An error is why it cannot be used.
Result<bool> create_database(const DatabaseConfig& config);

// A database named after the configured one. Errc::refused if the user may not.
Result<Scratch> make_scratch(const DatabaseConfig& config);

}  // namespace unity::db::mariadb
