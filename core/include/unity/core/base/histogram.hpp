// How long things take, in a few hundred bytes: for percentiles of what happened lately.
#pragma once

#include <array>
#include <cstdint>

#include "unity/core/base/time.hpp"

namespace unity {

// Four buckets to a doubling, from a microsecond to 17 minutes; a percentile is off by at most a
// fifth. Old values fade: every few thousand of them, all buckets are halved.
class Histogram {
 public:
  void add(Duration value);

  // The value that the given share (0.99) of the remembered ones does not exceed; zero if there
  // are none. Never above max().
  Duration percentile(double share) const;
  Duration max() const { return max_; }  // of all, also of those that faded
  std::uint64_t count() const { return count_; }

 private:
  static constexpr int kPerDoubling = 4;
  static constexpr int kDoublings = 30;

  static std::size_t bucket_of(Duration value);
  static Duration upper_bound(std::size_t bucket);

  std::array<std::uint16_t, 1 + kPerDoubling * kDoublings> buckets_{};
  std::uint16_t remembered_ = 0;
  std::uint64_t count_ = 0;
  Duration max_{};
};

}  // namespace unity
