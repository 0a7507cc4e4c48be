// What the numbers of a series were in an hour or a day. Sums and counts are kept, not averages:
// those of an hour and of a day then agree, and nothing is lost by adding up.
#pragma once

#include <algorithm>
#include <cstdint>

#include "unity/core/base/time.hpp"

namespace unity::db {

enum class Tier : std::uint8_t { hour = 1, day = 2 };

constexpr Time::duration length_of(Tier tier) {
  return tier == Tier::hour ? Time::duration(std::chrono::hours(1))
                            : Time::duration(std::chrono::days(1));
}

// The beginning of the bucket that a moment lies in, of UTC, before 1970 as well.
constexpr Time bucket_of(Tier tier, Time time) {
  return tier == Tier::hour ? Time(std::chrono::floor<std::chrono::hours>(time))
                            : Time(std::chrono::floor<std::chrono::days>(time));
}

struct Rollup {
  std::int64_t series_id = 0;
  std::int64_t n = 0;
  double sum = 0;
  double min = 0;
  double max = 0;
  Time last_time{};
  double last_value = 0;
  bool operator==(const Rollup&) const = default;

  // Of the same series, in the order of time; each once.
  void add(Time time, double value) { add({series_id, 1, value, value, value, time, value}); }
  void add(const Rollup& other) {
    min = n == 0 ? other.min : std::min(min, other.min);
    max = n == 0 ? other.max : std::max(max, other.max);
    n += other.n;
    sum += other.sum;
    last_time = other.last_time;
    last_value = other.last_value;
  }
};

}  // namespace unity::db
