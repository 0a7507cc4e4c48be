// How many lines of a plugin go to the host's log: a burst of them, and then so many a second.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "unity/core/base/time.hpp"

namespace unity::host {

class LogGate {
 public:
  static constexpr std::int64_t kLinesPerSecond = 20;
  static constexpr std::int64_t kBurst = 100;

  // Whether a line may pass now.
  bool pass(Instant now) {
    if (now >= full_at_) full_at_ = now;
    // Each line that passes takes its share of a second; at most a burst of them is taken ahead.
    if (full_at_ - now > kShare * (kBurst - 1)) {
      ++dropped_;
      return false;
    }
    full_at_ += kShare;
    return true;
  }

  // Lines that did not pass since this was last asked.
  std::uint64_t take_dropped() { return std::exchange(dropped_, 0); }

 private:
  static constexpr Duration kShare = Duration(std::chrono::seconds(1)) / kLinesPerSecond;

  Instant full_at_{};  // when a whole burst may pass again
  std::uint64_t dropped_ = 0;
};

}  // namespace unity::host
