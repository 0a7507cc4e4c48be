// Notices that more runs are due than can be started.
#pragma once

#include <cstdint>
#include <string>

#include "unity/core/base/time.hpp"

namespace unity {

class LoadWatch {
 public:
  explicit LoadWatch(Instant now) : since_(now) {}

  // Told the totals so far, it judges each window of time once that is over. True if the
  // judgement changed.
  bool look(Instant now, std::uint64_t started, std::uint64_t missed_for_room);

  // A sentence while the load is too high; empty while every due run is started.
  const std::string& warning() const { return warning_; }

  static constexpr Duration kWindow = std::chrono::seconds(10);

 private:
  Instant since_;
  std::uint64_t started_ = 0;  // at the beginning of the window
  std::uint64_t missed_ = 0;
  std::string warning_;
};

}  // namespace unity
