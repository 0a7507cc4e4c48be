#include "unity/core/engine/batch_window.hpp"

#include <algorithm>

namespace unity {

void BatchWindow::arrived(std::uint64_t end, Instant now) {
  if (end <= (arrivals_.empty() ? taken_ : arrivals_.back().end)) return;
  if (arrivals_.size() < kArrivalsMax) {
    arrivals_.push_back({end, now});
  } else {
    arrivals_.back().end = end;
  }
}

void BatchWindow::taken(std::uint64_t end) {
  taken_ = std::max(taken_, end);
  while (!arrivals_.empty() && arrivals_.front().end <= taken_) arrivals_.pop_front();
}

bool BatchWindow::full() const {
  return !arrivals_.empty() && arrivals_.back().end - taken_ >= size_;
}

std::optional<Instant> BatchWindow::due() const {
  if (arrivals_.empty()) return std::nullopt;
  const auto oldest = arrivals_.front().when;
  return full() ? oldest : oldest + timeout_;
}

}  // namespace unity
