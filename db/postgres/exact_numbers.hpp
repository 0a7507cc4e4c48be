// Integers that a double would round: PostgreSQL's vals hold them rounded, and doc exactly, by the
// names of their series.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "schema/model.hpp"
#include "transfer/row.hpp"

namespace unity::db::postgres {

// A column more for a SELECT from metric_frames t: [[position, integer], …], or NULL.
inline constexpr std::string_view kExactNumbers = R"sql(,
  CASE WHEN jsonb_path_exists(t.doc, '$.*.* ? (@.type() == "number")') THEN
    (SELECT coalesce(jsonb_agg(jsonb_build_array(n.position, t.doc -> n.metric_name -> n.field)), '[]')::text
       FROM metric_series n
      WHERE n.source_id = t.source_id AND n.position IS NOT NULL
        AND jsonb_typeof(t.doc -> n.metric_name -> n.field) = 'number')
  END)sql";

class ExactNumbers {
 public:
  // The row of metric_frames as PostgreSQL keeps it: `row` itself, or a copy that is there until
  // the next call. Its source and series are there already.
  Result<const transfer::Row*> to_doc(Connection& connection, const schema::Table& table,
                                      const transfer::Row& row, std::string_view doing);

 private:
  struct Name {
    std::string metric;
    std::string field;
  };
  Result<void> load_names(Connection& connection, std::int64_t source, std::string_view doing);

  std::optional<std::int64_t> source_;  // whose names these are; rows come source by source
  std::vector<Name> names_;             // by position; empty ones are unknown
  transfer::Row changed_;
};

}  // namespace unity::db::postgres
