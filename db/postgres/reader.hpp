// Reads points from PostgreSQL. Each call sees one consistent state of the database.
#pragma once

#include "frames/points.hpp"
#include "postgres/session_pool.hpp"
#include "unity/core/ports/metric_reader.hpp"

namespace unity::db::postgres {

class PostgresReader : public MetricReader {
 public:
  explicit PostgresReader(SessionPool& pool) : pool_(pool) {}

  // A field that was missing from the last thousand frames of its source is not looked for.
  Result<std::vector<Point>> latest(std::string_view metric) override;
  Result<std::vector<Point>> range(std::string_view metric, Time from, Time to,
                                   std::size_t limit) override;

 private:
  // Those that have `metric`, or all if it is empty, by name.
  static Result<std::vector<NamedSource>> sources_of(Connection& connection,
                                                     std::string_view metric);
  static Result<void> look_back(Connection& connection, const NamedSource& source,
                                LatestPoints& latest);
  static Result<void> read_source(Connection& connection, const NamedSource& source, Time from,
                                  Time to, RangePoints& points);

  SessionPool& pool_;
};

}  // namespace unity::db::postgres
