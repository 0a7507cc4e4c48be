// How the chunks of hypertables are compressed: by TimescaleDB's own job, as configured.
#pragma once

#include "postgres/timescale.hpp"
#include "schema/catalog.hpp"

namespace unity::db::postgres {

// Makes settings and jobs of the hypertables in `schema` what the configuration says; costs one
// query if they are so. What is compressed stays so where compression is switched off. The licence
// must allow it.
Result<void> arrange_compression(Connection& connection, const schema::Schema& schema,
                                 const TimeseriesConfig& config);

}  // namespace unity::db::postgres
