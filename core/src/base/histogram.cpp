#include "unity/core/base/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace unity {
namespace {

constexpr std::uint16_t kRememberedMax = 8192;

}  // namespace

// Below a microsecond: 0. Then by the leading bit of the microseconds and the two bits after it.
std::size_t Histogram::bucket_of(Duration value) {
  const auto quarters = value.count() / 250;  // of a microsecond, so that two bits follow
  if (quarters < kPerDoubling) return 0;
  const auto number = static_cast<std::uint64_t>(quarters);
  const int doubling = std::bit_width(number) - 3;
  if (doubling >= kDoublings) return kPerDoubling * kDoublings;
  const auto quarter = (number >> doubling) & 3;
  return 1 + static_cast<std::size_t>(doubling) * kPerDoubling + quarter;
}

Duration Histogram::upper_bound(std::size_t bucket) {
  if (bucket == 0) return std::chrono::microseconds(1);
  const auto doubling = (bucket - 1) / kPerDoubling;
  const auto quarter = (bucket - 1) % kPerDoubling;
  return Duration(static_cast<Duration::rep>((kPerDoubling + quarter + 1) * 250) << doubling);
}

void Histogram::add(Duration value) {
  ++count_;
  max_ = std::max(max_, value);
  ++buckets_[bucket_of(value)];
  if (++remembered_ < kRememberedMax) return;
  remembered_ = 0;
  for (auto& bucket : buckets_)
    remembered_ = static_cast<std::uint16_t>(remembered_ + (bucket /= 2));
}

Duration Histogram::percentile(double share) const {
  if (remembered_ == 0) return {};
  const auto wanted = std::max(1.0, std::ceil(share * remembered_));
  double seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted) {
      return bucket + 1 == buckets_.size() ? max_ : std::min(max_, upper_bound(bucket));
    }
  }
  return max_;
}

}  // namespace unity
