// The catalog of a MariaDB database.
#pragma once

#include "mariadb/connection.hpp"
#include "schema/catalog.hpp"

namespace unity::db::mariadb {

Result<schema::Catalog> inspect(Connection& connection);

// What inspect() finds where `schema` has been made.
schema::Catalog expected_catalog(const schema::Schema& schema);

}  // namespace unity::db::mariadb
