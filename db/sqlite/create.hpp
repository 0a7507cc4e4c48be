// SQLite files.
#pragma once

#include "migrate/scratch.hpp"

namespace unity::db {

// The folder of the file, which an upgrade makes: true if there was no file yet.
Result<bool> create_sqlite_database(const DatabaseConfig& config);

// A file in a folder of its own among the temporary ones.
Result<Scratch> make_sqlite_scratch(const DatabaseConfig& config);

}  // namespace unity::db
