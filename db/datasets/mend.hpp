// Brings the tables of datasets back to what they were, where somebody has taken something away.
#pragma once

#include <vector>

#include "datasets/registration.hpp"
#include "migrate/schema_session.hpp"
#include "schema/catalog.hpp"

namespace unity::db {

// A difference between a dataset's table and what it should be.
struct DatasetFinding {
  schema::Drift drift;
  bool mended = false;
};

// Makes what is missing; what differs blocks its dataset. Everything it decides is in
// dataset_changes. Under the lock of the schema, from begin() to commit().
Result<std::vector<DatasetFinding>> mend_datasets(SchemaSession& session);
// The same of a registration that has begun, and that somebody else commits.
Result<std::vector<DatasetFinding>> mend_tables(Registration& registration);

// Makes the tables and views of datasets that were registered elsewhere, as an import brings them,
// and notes nothing: their rows are as they are there. Under the lock of the schema, from begin()
// to commit().
Result<void> restore_datasets(SchemaSession& session);

}  // namespace unity::db
