// Brings the tables of datasets to what is declared. Everything it decides is in dataset_changes.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "migrate/schema_session.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

// The states, if nothing is to be done: every one is registered as it is declared, and its table is
// there. Else nothing.
Result<std::optional<std::vector<DatasetState>>> settled_datasets(
    SchemaSession& session, std::span<const DatasetSpec> specs);

// Mends what is there first. Under the lock of the schema, from begin() to commit().
Result<std::vector<DatasetState>> declare_datasets(SchemaSession& session,
                                                   std::span<const DatasetSpec> specs);

}  // namespace unity::db
