// Reads sources and their series from the rows of a server's answer.
#pragma once

#include <string>
#include <vector>

#include "frames/points.hpp"
#include "frames/source.hpp"

namespace unity::db {

// A query for load_series() selects these columns of `metric_series n`, in this order.
#define UNITY_SERIES_COLUMNS_OF_N "n.position, n.metric_name, n.field, n.unit, n.kind, n.series_id"

// Gives the series of a row to its source; one without a name is the lack of any. `column` is the
// first of the above.
template <class Rows>
void load_series(const Rows& rows, int row, int column, Source& source) {
  if (rows.is_null(row, column + 1)) return;
  Series series{
      std::string(rows.bytes(row, column + 1)),
      std::string(rows.bytes(row, column + 2)),
      std::string(rows.bytes(row, column + 3)),
      Kind::gauge,
      rows.is_null(row, column) ? kNoPosition : static_cast<int>(rows.integer(row, column)),
      rows.integer(row, column + 5)};
  parse_kind(rows.bytes(row, column + 4), series.kind);
  source.load(std::move(series));
}

// A query for read_sources() selects these columns, in the order of the source.
#define UNITY_NAMED_SOURCE_COLUMNS \
  "s.source_id, d.hostname, s.plugin_id, s.instance, s.tags, " UNITY_SERIES_COLUMNS_OF_N

template <class Rows>
std::vector<NamedSource> read_sources(const Rows& rows) {
  std::vector<NamedSource> sources;
  for (int i = 0; i < rows.size(); ++i) {
    const auto id = rows.integer(i, 0);
    if (sources.empty() || sources.back().source.id() != id) {
      sources.push_back({{std::string(rows.bytes(i, 1)), std::string(rows.bytes(i, 2)),
                          std::string(rows.bytes(i, 3))},
                         Tags::from_json(rows.json(i, 4)),
                         Source(id)});
    }
    load_series(rows, i, 5, sources.back().source);
  }
  return sources;
}

}  // namespace unity::db
