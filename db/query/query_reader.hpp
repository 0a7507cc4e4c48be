// A reader of whatever database: an adapter only has to give a view of its tables.
#pragma once

#include <functional>

#include "query/query_tables.hpp"

namespace unity::db {

class QueryReader : public MetricReader {
 public:
  using Read = std::function<Result<void>(QueryTables&)>;

  // Calls `read` with one consistent view of the database, and returns what it returns.
  virtual Result<void> in_view(const Read& read) = 0;

  // A field that was missing from the last thousand frames of its source is not looked for.
  Result<std::vector<Point>> latest(const SeriesFilter& series) final;
  Result<std::vector<Point>> range(const SeriesFilter& series, Time from, Time to,
                                   std::size_t limit) final;
  Result<BucketAnswer> buckets(const BucketQuery& query) final;
  Result<TopAnswer> top(const TopQuery& query) final;
};

}  // namespace unity::db
