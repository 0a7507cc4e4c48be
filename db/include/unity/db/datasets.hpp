// The datasets of a database, for people: what tables there are and how they came to be.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

struct DatasetColumnInfo {
  std::string name;
  std::string type;  // "i64", "str64"
  bool is_key = false;
  bool nullable = true;
  std::string unit;
  std::string variant_of;  // the column whose later type this has; empty: none
  std::optional<Time> deprecated_at;
};

struct DatasetInfo {
  std::string name;
  std::string owner;  // a plugin's id, or "(configuration)"
  std::string table;
  int version = 0;
  std::string shape;
  std::string time_column;
  std::string state;
  std::string problem;  // empty: none
  std::optional<std::chrono::seconds> retention;
  Time created_at{};
  Time updated_at{};
  std::vector<DatasetColumnInfo> columns;
};
// By name. None if the database does not exist yet.
Result<std::vector<DatasetInfo>> read_datasets(const DatabaseConfig& config);

struct DatasetChangeInfo {
  std::string dataset;
  Time time{};
  std::optional<int> from_version;
  int to_version = 0;
  std::string change;    // "add_column"
  std::string decision;  // "applied", "refused", "deprecated", "reported"
  std::string reason;
  std::string sql;
  std::string actor;
};
// Newest first; of all datasets if `dataset` is empty.
Result<std::vector<DatasetChangeInfo>> read_dataset_changes(const DatabaseConfig& config,
                                                            std::string_view dataset);

// A column that is no longer declared.
struct PrunedColumn {
  std::string dataset;
  std::string column;
  Time deprecated_at{};
  std::optional<Time> until;  // the dataset's retention keeps it so long; nothing: for ever
  bool dropped = false;
};
// Drops those whose time is over, if `confirmed`; else only says which there are. Those that are
// kept for ever go only if `dataset` names theirs; empty: all datasets. Errc::not_found if there is
// no such dataset.
Result<std::vector<PrunedColumn>> prune_datasets(const DatabaseConfig& config,
                                                 std::string_view dataset, Time now,
                                                 bool confirmed);

}  // namespace unity::db
