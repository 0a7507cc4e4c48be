// When a writer takes its next batch: once it is full, or once the record that waits longest has
// waited long enough. Is told the time, and counts records by their place in the spool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "unity/core/base/time.hpp"

namespace unity {

class BatchWindow {
 public:
  // Those that came later count as come with the last of these: their batch may be a little early.
  static constexpr std::size_t kArrivalsMax = 64;

  // A batch is full with `size` records; the records before `taken` are in batches already.
  BatchWindow(std::size_t size, Duration timeout, std::uint64_t taken)
      : size_(size), timeout_(timeout), taken_(taken) {}

  // All records before `end` are there; those that nobody has told of came at `now`.
  void arrived(std::uint64_t end, Instant now);
  // All records before `end` are in batches.
  void taken(std::uint64_t end);

  bool full() const;  // a full batch waits
  // From when on the next batch may be written; empty if nothing waits.
  std::optional<Instant> due() const;

 private:
  struct Arrival {
    std::uint64_t end;
    Instant when;
  };

  std::size_t size_;
  Duration timeout_;
  std::uint64_t taken_;
  std::deque<Arrival> arrivals_;  // that are not taken as a whole, the oldest first
};

}  // namespace unity
