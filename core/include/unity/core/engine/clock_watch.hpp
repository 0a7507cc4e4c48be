// Notices that somebody set the clock, or that the machine slept: by what three clocks say of the
// time between two looks.
#pragma once

#include <optional>
#include <string>

#include "unity/core/base/time.hpp"

namespace unity {

struct ClockReading {
  Instant mono;            // stands still while the machine sleeps
  Duration boot{};         // goes on while it sleeps
  Duration since_epoch{};  // the wall clock: goes on as well, and may be set
};

struct ClockChange {
  Duration set_by{};  // negative: back
  Duration slept{};
  std::string text() const;  // "the clock was set back by 1h"
};

class ClockWatch {
 public:
  explicit ClockWatch(const ClockReading& first) : last_(first) {}

  // What happened since the last look; nothing if it is too little to matter. A clock that is only
  // slewed changes little from one look to the next.
  std::optional<ClockChange> look(const ClockReading& now);

  static constexpr Duration kTolerance = std::chrono::seconds(2);

 private:
  ClockReading last_;
};

}  // namespace unity
