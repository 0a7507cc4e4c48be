// The numbers of a bucket, folded into one.
#pragma once

#include <algorithm>

#include "unity/core/ports/metric_query.hpp"

namespace unity::db {

// One number, or what was computed of several.
struct Part {
  Time time{};  // of the number, or the beginning of its hour or day
  std::int64_t n = 1;
  double value = 0;  // the minimum, maximum or last for these aggregates, else the sum
};

struct Fold {
  Time time{};
  std::int64_t n = 0;
  double value = 0;

  // In any order; parts do not overlap in time.
  void add(Aggregate aggregate, const Part& part) {
    if (n == 0) {
      value = part.value;
      time = part.time;
    } else if (aggregate == Aggregate::min) {
      value = std::min(value, part.value);
    } else if (aggregate == Aggregate::max) {
      value = std::max(value, part.value);
    } else if (aggregate == Aggregate::last) {
      if (part.time >= time) {
        value = part.value;
        time = part.time;
      }
    } else {
      value += part.value;
    }
    n += part.n;
  }
  double result(Aggregate aggregate) const {
    if (aggregate == Aggregate::avg) return value / static_cast<double>(n);
    return aggregate == Aggregate::count ? static_cast<double>(n) : value;
  }
};

}  // namespace unity::db
