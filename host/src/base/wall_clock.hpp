// The time of day, for what is recorded or shown; what decides is told the time instead.
#pragma once

#include "unity/core/base/time.hpp"

namespace unity::host {

inline Time wall_now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace unity::host
