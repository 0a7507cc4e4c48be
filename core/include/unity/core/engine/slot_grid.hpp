// Where in their intervals instances have their slots: each in a place of its own that is the same
// on every start, but on a grid, so that where there are many, one wake-up serves a number of runs.
#pragma once

#include <cstdint>

#include "unity/core/base/time.hpp"

namespace unity {

class SlotGrid {
 public:
  // Intervals that lack room for so many slots do without a grid.
  static constexpr int kSlotsMin = 10;
  // A grid is as wide as it can be with no more runs than this at once, on average.
  static constexpr int kRunsAtOnce = 25;

  // What has a slot counts here: the more runs a second, the closer the slots.
  void add(Duration interval) { runs_per_day_ += per_day(interval); }
  void remove(Duration interval) { runs_per_day_ -= per_day(interval); }

  // Between the slots of instances with that interval, as the load is now; a nanosecond if they are
  // on no grid. From 5 to 100 ms.
  Duration spacing(Duration interval) const;

  // The place of a slot in its interval. `slot_hash` differs from instance to instance,
  // `host_hash` from host to host: their grids do not coincide.
  Duration offset(Duration interval, std::uint64_t slot_hash, std::uint64_t host_hash) const;

 private:
  static std::uint64_t per_day(Duration interval);

  std::uint64_t runs_per_day_ = 0;
};

}  // namespace unity
