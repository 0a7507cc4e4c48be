// Compares the tables of datasets with a database's catalog and says what may be mended.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "datasets/registry.hpp"
#include "migrate/schema_session.hpp"
#include "schema/catalog.hpp"
#include "schema/change.hpp"

namespace unity::db {

struct DatasetDrift {
  std::size_t dataset;  // index of its row
  schema::Drift drift;
  // "missing": made again by itself. "differs": somebody changed it, so it blocks. "beside": more
  // than is needed, which harms nothing. "looser": NULL is possible where it should not be.
  enum class Class { missing, differs, beside, looser } kind;
};

// `found` is what the session's inspect() gave.
Result<std::vector<DatasetDrift>> find_dataset_drifts(SchemaSession& session,
                                                      std::span<const RegisteredDataset> rows,
                                                      const schema::Catalog& found);

// What makes what is missing of a table, in order. Columns come back as ones that may be NULL,
// which `layout` is told.
std::vector<schema::Change> mending_changes(Layout& layout,
                                            const std::vector<const schema::Drift*>& missing,
                                            const schema::Catalog& found, Dialect dialect);

// Tables that look like a dataset's and are none's.
std::vector<std::string> orphans(std::span<const RegisteredDataset> rows,
                                 const schema::Catalog& found);

}  // namespace unity::db
