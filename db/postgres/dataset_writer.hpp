// Writes rows of datasets to PostgreSQL, inside the writer's transaction: one statement a table,
// whatever the number of rows.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "datasets/rows.hpp"
#include "postgres/connection.hpp"
#include "sources/devices.hpp"

namespace unity::db::postgres {

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
  std::string json_;  // a buffer, kept for its memory
};

}  // namespace unity::db::postgres
