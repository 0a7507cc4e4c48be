// How much a collector's worker may use of this machine.
#pragma once

#include <cstdint>

#include "unity/core/base/time.hpp"

namespace unity::host {

struct WorkerLimits {
  std::uint64_t memory = std::uint64_t{256} << 20;  // bytes
  std::uint64_t files = 256;                        // open at once
  Duration cpu{};                                   // for the life of the worker; zero: no limit
  std::uint64_t processes = 64;                     // and threads

  friend bool operator==(const WorkerLimits&, const WorkerLimits&) = default;
};

}  // namespace unity::host
