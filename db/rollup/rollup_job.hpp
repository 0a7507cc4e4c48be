// Computes what is marked as changed: hours from numbers, days from hours. Always from the
// beginning, so that computing twice, or half and then again, gives the same. The first time in a
// database, hours of frames that carry no marks are marked before.
#pragma once

#include <atomic>

#include "rollup/rollup_store.hpp"

namespace unity::db {

struct RollupOutcome {
  std::size_t hours = 0;
  std::size_t days = 0;
  std::size_t rows = 0;
  bool more = false;           // is left to do
  bool somebody_else = false;  // is at it
};

// Does at most `buckets_max` buckets. An hour is computed once it has been over for `grace`.
// Returns soon after `stop` is set.
Result<RollupOutcome> roll_up(RollupStore& store, Time now, Time::duration grace,
                              std::size_t buckets_max, const std::atomic<bool>& stop);

// Computes what is marked and begins before `before`: hours, and for Tier::day days as well. At
// most `buckets_max` of each at a time; true when none is left. To be called under the store's
// lock.
Result<bool> drain_rollups(RollupStore& store, Tier tier, Time before, Time now,
                           std::size_t buckets_max, const std::atomic<bool>& stop);

}  // namespace unity::db
