// Where every record has gone: collected = stored + rejected + dropped + in flight.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace unity {

// Counts of records as emitted. What is in flight is not derived from the other counts but
// measured where records wait, so that balanced() can find a record that vanished.
struct Accounting {
  std::uint64_t collected = 0;                      // returned by runs that were accepted
  std::uint64_t stored = 0;                         // committed durably
  std::uint64_t rejected = 0;                       // bad, and kept aside
  std::map<std::string, std::uint64_t> dropped_by;  // as intended, or for lack of room
  std::uint64_t in_flight = 0;                      // waiting, or being written
  std::uint64_t host_made = 0;  // the host's own records; in none of the counts above

  std::uint64_t dropped() const {
    std::uint64_t sum = 0;
    for (const auto& [reason, count] : dropped_by) sum += count;
    return sum;
  }
  bool balanced() const { return collected == stored + rejected + dropped() + in_flight; }
};

}  // namespace unity
