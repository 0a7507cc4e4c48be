// The tables `datasets` and `dataset_changes` as an adapter reads and writes them, in the session
// of whoever changes the schema.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/layout.hpp"
#include "unity/core/base/result.hpp"

namespace unity::db {

inline constexpr std::string_view kDatasetPlanned = "planned";  // its table is being changed
inline constexpr std::string_view kDatasetApplied = "applied";
inline constexpr std::string_view kDatasetBlocked = "blocked";

// A row of `datasets`.
struct RegisteredDataset {
  std::string owner;
  Layout layout;          // what its table is; its name is the dataset's
  std::string spec_hash;  // of what was declared last, 32 bytes
  std::string state;
  std::string problem;  // empty: none
  std::optional<std::int64_t> retention_seconds;
  Time created_at{};
  Time updated_at{};
};

// A row of `dataset_changes`.
struct DatasetChange {
  std::string dataset;
  Time time{};
  std::optional<int> from_version;
  int to_version = 0;
  std::string change;
  std::string decision;
  std::string reason;
  std::string sql;  // empty: none
  std::string actor;
};

// What rows of a dataset are kept, for whoever removes old ones.
struct DatasetRetention {
  std::string table;
  std::string time_column;
  std::chrono::seconds keep{};
};
// Of those that have one.
std::vector<DatasetRetention> retentions_of(const std::vector<RegisteredDataset>& datasets);

class DatasetRegistry {
 public:
  virtual ~DatasetRegistry() = default;

  // By name. None if the schema has no table for them yet.
  virtual Result<std::vector<RegisteredDataset>> read_datasets() = 0;
  // Newest first; of all datasets if `dataset` is empty.
  virtual Result<std::vector<DatasetChange>> read_changes(std::string_view dataset) = 0;

  // Adds the row, or replaces the one with its name.
  virtual Result<void> write_dataset(const RegisteredDataset& row) = 0;
  // The dataset is registered.
  virtual Result<void> write_change(const DatasetChange& row) = 0;
};

}  // namespace unity::db
