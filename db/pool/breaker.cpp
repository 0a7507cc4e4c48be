#include "pool/breaker.hpp"

#include <algorithm>
#include <utility>

namespace unity::db {

std::optional<Duration> Breaker::keep_away(Instant now) {
  if (!is_open()) return std::nullopt;
  if (now < until_) return until_ - now;
  if (trying_) return Duration::zero();
  trying_ = true;
  return std::nullopt;
}

void Breaker::failed(Instant now) {
  failures_.push_back(now);
  while (now - failures_.front() > kWindow) failures_.pop_front();
  if (is_open()) {
    // Of those that were under way when it opened, none makes the pause longer.
    if (!std::exchange(trying_, false)) return;
    pause_ = std::min(2 * pause_, kPauseMax);
  } else if (failures_.size() >= kFailures) {
    pause_ = kPause;
  } else {
    return;
  }
  until_ = now + pause_;
}

void Breaker::succeeded() {
  failures_.clear();
  pause_ = Duration::zero();
  trying_ = false;
}

}  // namespace unity::db
