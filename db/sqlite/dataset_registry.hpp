// The registry of datasets in an SQLite file.
#pragma once

#include "datasets/registry.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

class SqliteDatasetRegistry : public DatasetRegistry {
 public:
  // Null: there is no file yet.
  explicit SqliteDatasetRegistry(Connection* connection) : connection_(connection) {}

  Result<std::vector<RegisteredDataset>> read_datasets() override;
  Result<std::vector<DatasetChange>> read_changes(std::string_view dataset) override;
  Result<void> write_dataset(const RegisteredDataset& row) override;
  Result<void> write_change(const DatasetChange& row) override;

 private:
  Result<bool> has_table();

  Connection* connection_;
};

}  // namespace unity::db
