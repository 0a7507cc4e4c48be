// The catalog of a PostgreSQL database, of the current schema.
#pragma once

#include "migrate/ops.hpp"
#include "postgres/connection.hpp"
#include "schema/catalog.hpp"

namespace unity::db::postgres {

// Partitions and what extensions made are not told.
Result<schema::Catalog> inspect(Connection& connection);

// What inspect() finds where `schema` has been made: by PostgreSQL alone, or with TimescaleDB.
schema::Catalog expected_catalog(const schema::Schema& schema, Dialect dialect);

}  // namespace unity::db::postgres
