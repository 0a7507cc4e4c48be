// Where forgetting has got to in a table that is swept key by key.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "unity/core/base/time.hpp"

namespace unity::db {

struct KeySweep {
  std::string table;
  Time floor{};
  std::int64_t after = std::numeric_limits<std::int64_t>::min();  // this key has nothing left

  // Begins anew, unless it is the same sweep that goes on.
  void go_on(const std::string& of, Time at) {
    if (table != of || floor != at) *this = KeySweep{of, at};
  }
};

}  // namespace unity::db
