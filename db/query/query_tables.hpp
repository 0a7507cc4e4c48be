// What answering a query asks of a database, in one consistent view of it.
#pragma once

#include <functional>
#include <vector>

#include "frames/read_points.hpp"
#include "query/fold.hpp"
#include "query/plan.hpp"
#include "rollup/rollup.hpp"

namespace unity::db {

// What was computed of some series, in hours or days with from <= bucket < to.
struct RollupQuery {
  Tier tier;
  const std::vector<std::int64_t>& series;  // their ids
  Time from;
  Time to;
  Aggregate aggregate;
  bool as_one;  // one part for each series, folded by the database; not for `last`
};

using TakePart = std::function<void(std::int64_t series, const Part& part)>;

class QueryTables : public FrameTable {
 public:
  // The floors, and the dirty hours and days with from <= bucket < to.
  virtual Result<Stored> stored(Time from, Time to) = 0;
  // The frames with from <= time < to, of each source in the order of time. At most `count` in all:
  // if so many come, there may be more of any source.
  virtual Result<std::vector<SourceFrame>> between(const std::vector<NamedSource>& sources,
                                                   Time from, Time to, int count) = 0;
  // In any order.
  virtual Result<void> rollups(const RollupQuery& query, const TakePart& take) = 0;
};

// As MetricReader promises.
Result<BucketAnswer> read_buckets(QueryTables& tables, const BucketQuery& query);
Result<TopAnswer> read_top(QueryTables& tables, const TopQuery& query);

}  // namespace unity::db
