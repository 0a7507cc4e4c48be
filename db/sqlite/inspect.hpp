// The catalog of an SQLite file.
#pragma once

#include "schema/catalog.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

Result<schema::Catalog> inspect(Connection& connection);

// What inspect() finds where `schema` has been made: it is made, in memory.
Result<schema::Catalog> expected_catalog(const schema::Schema& schema);

}  // namespace unity::db
