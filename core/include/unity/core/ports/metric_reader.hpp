// Reads stored numbers back: what `unity query` needs, and no more.
#pragma once

#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/model/record.hpp"

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

  // The newest stored point of each field; of one metric, or of all if `metric` is empty.
  // Ordered by metric, then source, then field.
  virtual Result<std::vector<Point>> latest(std::string_view metric) = 0;

  // Every point of `metric` with from <= time < to, in the order of time; at most `limit`.
  virtual Result<std::vector<Point>> range(std::string_view metric, Time from, Time to,
                                           std::size_t limit) = 0;
};

}  // namespace unity
