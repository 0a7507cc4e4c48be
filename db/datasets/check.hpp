// What of a database belongs to datasets, for those who look after its schema.
#pragma once

#include <vector>

#include "datasets/mend.hpp"
#include "migrate/schema_session.hpp"
#include "schema/catalog.hpp"
#include "schema/change.hpp"

namespace unity::db {

// Looks, and changes nothing. Also finds tables that are no dataset's: their kind is "orphan".
Result<std::vector<DatasetFinding>> check_datasets(SchemaSession& session,
                                                   const schema::Catalog& found);

// What takes all tables and views of datasets away, for a downgrade to where there are none.
Result<std::vector<schema::Change>> removal_of_datasets(SchemaSession& session);

// What belongs to datasets is taken out of `found`, as migrations did not make it.
Result<void> leave_out_datasets(SchemaSession& session, schema::Catalog& found);

}  // namespace unity::db
