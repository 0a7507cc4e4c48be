// How an instance fares, in a word and a sentence: from its runs and from what the schedule makes
// of them.
#pragma once

#include <string>

#include "unity/core/engine/health.hpp"
#include "unity/core/engine/schedule.hpp"

namespace unity {

struct HealthReport {
  HealthState state = HealthState::healthy;
  std::string reason;  // empty while healthy
};

// The word alone, for each run.
HealthState state_of(const Health& health, Standing standing, bool stretched);

HealthReport report_of(const Health& health, const Schedule::View& view, Instant now);

}  // namespace unity
