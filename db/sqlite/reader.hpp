// Reads points from an SQLite file. Each call sees one consistent state of it.
#pragma once

#include "frames/points.hpp"
#include "sqlite/connection.hpp"
#include "unity/core/ports/metric_reader.hpp"

namespace unity::db {

class SqliteReader : public MetricReader {
 public:
  explicit SqliteReader(Connection& connection) : connection_(connection) {}

  // A field that was missing from the last thousand frames of its source is not looked for.
  Result<std::vector<Point>> latest(std::string_view metric) override;
  Result<std::vector<Point>> range(std::string_view metric, Time from, Time to,
                                   std::size_t limit) override;

 private:
  // Those that have `metric`, or all if it is empty, by name.
  Result<std::vector<NamedSource>> sources_of(std::string_view metric);

  Connection& connection_;
};

}  // namespace unity::db
