// Writes rows of datasets to MariaDB, inside the writer's transaction: one statement a table with
// array binding.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "datasets/rows.hpp"
#include "mariadb/connection.hpp"
#include "sources/devices.hpp"

namespace unity::db::mariadb {

class DatasetWriter {
 public:
  Result<void> write(Connection& connection, const std::vector<DatasetRows>& tables,
                     std::string_view doing);
  // After a rollback: devices that were added in it do not exist.
  void roll_back() { devices_.clear(); }

 private:
  Devices devices_;
  // Statements are known to sessions by their address, so none ever goes.
  std::set<std::string> statements_;
  BulkRows rows_;  // a buffer, kept for its memory
};

}  // namespace unity::db::mariadb
