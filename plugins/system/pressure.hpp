// Reads /proc/pressure/*: how long tasks waited for a resource (PSI).
#pragma once

#include <cstdint>
#include <optional>

#include "support/text.hpp"

namespace unity::plugins::system {

struct Stall {
  double average_10s = 0;  // percent of the time
  double average_60s = 0;
  double average_300s = 0;
  std::uint64_t total_us = 0;
};

struct Pressure {
  std::optional<Stall> some;  // at least one task waited
  std::optional<Stall> full;  // all tasks waited; not for the cpu before Linux 5.13
};

// Throws ReadError.
Pressure parse_pressure(const Text& text);

}  // namespace unity::plugins::system
