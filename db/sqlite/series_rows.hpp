// Reads the series of a source from the table metric_series.
#pragma once

#include <string_view>

#include "frames/source.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/statement.hpp"

namespace unity::db {

// The columns of UNITY_SERIES_COLUMNS_OF_N, from `column` on.
Series read_series(const Statement& row, int column);

// Runs the bound statement, which selects just these, to its end; gives each row to the source.
Result<void> load_series(Connection& connection, Statement& rows, Source& source,
                         std::string_view doing);

}  // namespace unity::db
