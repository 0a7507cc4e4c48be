// The queries that are the same in every database but for how a parameter is written. Made once:
// adapters keep statements by the address of their text.
#pragma once

#include "migrate/ops.hpp"
#include "query/query_tables.hpp"

namespace unity::db {

// The columns of UNITY_NAMED_SOURCE_COLUMNS. Parameters: metric, field, device, plugin, instance.
const char* source_sql(Dialect dialect, const SeriesFilter& filter);

// series_id, bucket, n, value. Parameters: the series, from, to. The series are one parameter: an
// array, or a JSON list; in MariaDB kIdsAtOnce of them, as only constants make use of the whole
// key.
inline constexpr std::size_t kIdsAtOnce = 50;
const char* rollup_sql(Dialect dialect, const RollupQuery& query);

// tier, table_name, time: a floor of a table where the tier is 0, else a dirty bucket; by time.
// Parameters: from, to.
const char* stored_sql(Dialect dialect);
void add_stored(Stored& stored, std::int64_t tier, std::string_view table, Time time);

}  // namespace unity::db
