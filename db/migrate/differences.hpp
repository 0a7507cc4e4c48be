// How the objects of a database differ from those that its migrations and its datasets make.
#pragma once

#include <vector>

#include "migrate/schema_session.hpp"

namespace unity::db {

struct Differences {
  schema::Catalog found;                   // without what belongs to datasets
  std::vector<schema::Drift> of_schema;    // what differs from the schema that is wanted
  std::vector<schema::Drift> of_datasets;  // what differs from the registry of datasets

  std::vector<schema::Drift> all() const;
};

// `wanted`: what migrations make. Changes nothing.
Result<Differences> find_differences(SchemaSession& session, const schema::Schema& wanted);

}  // namespace unity::db
