// Reads the series of a source from the table metric_series.
#pragma once

#include "frames/source.hpp"
#include "postgres/rows.hpp"

namespace unity::db::postgres {

// A query for load_series() selects these columns of `metric_series n`, in this order.
#define UNITY_POSTGRES_SERIES_COLUMNS "n.position, n.metric_name, n.field, n.unit, n.kind"

// Gives the series of a row to its source; one without a name is the lack of any. `column` is the
// first of the above.
void load_series(const Rows& rows, int row, int column, Source& source);

}  // namespace unity::db::postgres
