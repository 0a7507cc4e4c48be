// The newest stored number of each field: for /metrics and the live view, which must not ask the
// database. Fed by the writer thread, read by the control thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "unity/core/model/record.hpp"

namespace unity::host {

struct LatestValue {
  Origin origin;
  std::string metric;
  Tags tags;
  std::string field;
  std::string unit;
  double value = 0;
  Time time;
};

class LatestValues {
 public:
  void update(const std::vector<Record>& stored);
  // Ordered by metric, then field, then source. Forgets what is older than a day.
  std::vector<LatestValue> all(Time now);

 private:
  std::mutex mutex_;
  std::map<std::string, LatestValue> values_;  // by metric, field and source
};

}  // namespace unity::host
