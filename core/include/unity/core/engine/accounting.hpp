// Where every record has gone: collected = stored + rejected + dropped + in flight.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace unity {

// Counts of records, by why they were dropped.
using DroppedBy = std::map<std::string, std::uint64_t>;

inline std::uint64_t total(const DroppedBy& dropped_by) {
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : dropped_by) sum += count;
  return sum;
}

// Counts of records as emitted, on their way to one storage. What is in flight is not derived from
// the other counts but measured where records wait, so that balanced() can find a record that
// vanished.
struct Accounting {
  std::uint64_t collected = 0;  // returned by runs that ended, and found in the spool at the start
  std::uint64_t stored = 0;     // committed durably
  std::uint64_t rejected = 0;   // bad, and kept as dead letters
  DroppedBy dropped_by;         // as intended, or for lack of room
  std::uint64_t in_flight = 0;  // waiting, or being written

  std::uint64_t dropped() const { return total(dropped_by); }
  bool balanced() const { return collected == stored + rejected + dropped() + in_flight; }
};

}  // namespace unity
