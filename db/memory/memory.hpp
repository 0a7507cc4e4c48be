// The in-memory adapter: everything is gone with the process.
#pragma once

#include "unity/db/open.hpp"

namespace unity::db {

Result<std::unique_ptr<Database>> open_memory(const DatabaseConfig& config);
// Always refused: another process cannot see into this one.
Result<std::unique_ptr<MetricReader>> open_memory_reader(const DatabaseConfig& config);

}  // namespace unity::db
