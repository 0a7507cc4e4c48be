// Reads stored numbers back: what `unity query` and charts need, and no more.
#pragma once

#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/model/record.hpp"
#include "unity/core/ports/metric_query.hpp"

namespace unity {

// One field of one source at one moment.
struct Point {
  Time time;
  std::string device;
  std::string plugin;
  std::string instance;
  std::string metric;
  std::string field;
  std::string unit;
  Kind kind = Kind::gauge;
  Tags tags;
  FieldValue value;  // a number, or text for what is kept in `doc`
};

class MetricReader {
 public:
  virtual ~MetricReader() = default;

  // The newest stored point of each field. Ordered by metric, then source, then field.
  virtual Result<std::vector<Point>> latest(const SeriesFilter& series) = 0;

  // Every point with from <= time < to, in the order of time; at most `limit`.
  virtual Result<std::vector<Point>> range(const SeriesFilter& series, Time from, Time to,
                                           std::size_t limit) = 0;

  // Numbers in buckets, at a resolution that is picked by what there is and what is asked for.
  // Errc::invalid if that cannot be answered, with what could be.
  virtual Result<BucketAnswer> buckets(const BucketQuery& query) = 0;
  virtual Result<TopAnswer> top(const TopQuery& query) = 0;
};

}  // namespace unity
