// How much processor time the calling thread has had.
#pragma once

#include <time.h>

#include "unity/core/base/time.hpp"

namespace unity::host {

inline Duration thread_cpu() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace unity::host
