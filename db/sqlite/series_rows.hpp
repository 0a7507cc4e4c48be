// Reads the series of a source from the table metric_series.
#pragma once

#include <string_view>

#include "frames/source.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/statement.hpp"

namespace unity::db {

// A statement for load_series() selects these columns, in this order.
#define UNITY_SERIES_COLUMNS "position, metric_name, field, unit, kind"

// Runs the bound statement to its end and gives each row to the source.
Result<void> load_series(Connection& connection, Statement& rows, Source& source,
                         std::string_view doing);

}  // namespace unity::db
