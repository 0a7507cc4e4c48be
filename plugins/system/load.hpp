// Reads /proc/loadavg and /proc/uptime.
#pragma once

#include <cstdint>

#include "support/text.hpp"

namespace unity::plugins::system {

struct Load {
  double one = 0;
  double five = 0;
  double fifteen = 0;
  std::uint64_t runnable = 0;
  std::uint64_t threads = 0;
};

// Both throw ReadError.
Load parse_load(const Text& text);
double parse_uptime(const Text& text);  // seconds

}  // namespace unity::plugins::system
