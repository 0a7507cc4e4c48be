// Writes rows of datasets to an SQLite file, inside the writer's transaction.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "datasets/rows.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/source_cache.hpp"

namespace unity::db {

class SqliteDatasetWriter {
 public:
  SqliteDatasetWriter(Connection& connection, DatasetKeeper& keeper)
      : connection_(connection), keeper_(keeper) {}

  Result<void> write(const std::vector<DatasetRows>& tables, SourceCache& devices);

 private:
  Result<Statement*> upsert_for(const Layout& layout, const std::vector<WrittenColumn>& columns);

  Connection& connection_;
  DatasetKeeper& keeper_;
  std::map<std::string, Statement, std::less<>> upserts_;  // by their text
  std::uint64_t generation_ = 0;                           // of the keeper, when they were made
};

// Whether a failed write met a table or a column that is not there.
bool lacks_table_or_column(const Error& error);

}  // namespace unity::db
