// The registry of datasets in PostgreSQL.
#pragma once

#include "datasets/registry.hpp"
#include "postgres/connection.hpp"

namespace unity::db::postgres {

class PostgresDatasetRegistry : public DatasetRegistry {
 public:
  explicit PostgresDatasetRegistry(Connection& connection) : connection_(connection) {}

  Result<std::vector<RegisteredDataset>> read_datasets() override;
  Result<std::vector<DatasetChange>> read_changes(std::string_view dataset) override;
  Result<void> write_dataset(const RegisteredDataset& row) override;
  Result<void> write_change(const DatasetChange& row) override;

 private:
  Result<bool> has_table();

  Connection& connection_;
};

}  // namespace unity::db::postgres
