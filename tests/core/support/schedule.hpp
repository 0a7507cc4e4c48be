// A start at a round moment of both clocks, so that slots can be computed in the head.
#pragma once

#include <string>

#include "unity/core/engine/schedule.hpp"

namespace unity {

inline constexpr Instant kStart{std::chrono::hours(5)};
inline constexpr Duration kSinceEpoch = std::chrono::hours(480'000);

// Slots at kStart, kStart + interval, …
inline ScheduleSpec aligned(Duration interval) {
  ScheduleSpec spec;
  spec.interval = interval;
  spec.align = true;
  return spec;
}

inline RunResult ended(RunClass run_class, Duration retry_after = {}) {
  RunResult result;
  result.run_class = run_class;
  result.retry_after = retry_after;
  return result;
}

inline std::optional<Instant> next_run(const Schedule& schedule, InstanceId id) {
  return schedule.view(id, Instant()).next_run;
}

// Spreads consecutive numbers over 64 bits (splitmix64), as a real hash would.
inline std::uint64_t spread(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

}  // namespace unity
