// What the stage `rate` knows of the counters it has seen, and how that outlives a restart.
// Private to core/src/processors.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "unity/core/model/record.hpp"

namespace unity {

// Microseconds: in nanoseconds, a record of a distant time would not fit.
using RateStamp = std::chrono::microseconds;

struct RateCounter {
  Name name;
  FieldValue value;  // null: none yet
  RateStamp stamp{};
  Time wall{};                 // the run's time, for what outlives the machine's start
  bool own_time = false;       // the stamp is the record's own time, not the run's
  bool of_other_boot = false;  // the stamp is of a monotonic clock that is gone
  std::optional<double> rate;  // the last one; none right after the first value or a reset
  Name unit = {};              // of the counter
  Name rate_unit = {};         // and of its rate
};

// The counters of one source and metric. Each has its own stamp: a record may leave one out, and
// the counters of a metric may come in several records.
struct RateSeries {
  Instant seen{};
  std::vector<RateCounter> counters;
  const std::string* key = nullptr;  // in the memory, once it has been looked up there
  RateSeries* next = nullptr;        // seen after this one the last time

  // `place` is where it is if records always have the same counters.
  RateCounter& counter(const Name& name, std::size_t place);
};

using RateMemory = std::unordered_map<std::string, RateSeries>;

// As text. `boot` names this start of the machine: a monotonic stamp means nothing in another.
std::string save_rates(const RateMemory& memory, const std::string& boot);
// Leaves aside what it cannot read. Series that are known already stay as they are.
void restore_rates(std::string_view saved, const std::string& boot, RateMemory& memory);

}  // namespace unity
