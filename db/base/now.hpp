// The wall clock, for the created_at and updated_at of rows; never for the time of a record.
#pragma once

#include <chrono>

#include "unity/core/base/time.hpp"

namespace unity::db {

inline Time now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace unity::db
