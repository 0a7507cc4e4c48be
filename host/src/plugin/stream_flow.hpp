// Bounds what a stream has emitted and the host has not accepted yet, so that a source which is
// faster than the databases waits instead of filling memory.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "unity/core/base/time.hpp"

namespace unity::host {

// Any thread.
class StreamFlow {
 public:
  static constexpr std::size_t kRoom = std::size_t{4} << 20;

  // Waits at most until `deadline` for room; a piece larger than all of it passes when nothing else
  // is under way. False if there was none, or the flow was shut.
  bool enter(std::size_t bytes, Instant deadline) {
    std::unique_lock lock(mutex_);
    const auto has_room = [&] { return shut_ || bytes_ == 0 || bytes_ + bytes <= kRoom; };
    if (deadline == Instant::max()) {
      change_.wait(lock, has_room);
    } else if (!change_.wait_until(lock, deadline, has_room)) {
      return false;
    }
    if (shut_) return false;
    bytes_ += bytes;
    return true;
  }
  void leave(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ -= bytes;
    change_.notify_all();  // under the lock: who waits may destroy this
  }
  // Nobody waits any more, now or later.
  void shut() {
    const std::lock_guard lock(mutex_);
    shut_ = true;
    change_.notify_all();
  }
  bool is_shut() {
    const std::lock_guard lock(mutex_);
    return shut_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable change_;
  std::size_t bytes_ = 0;
  bool shut_ = false;
};

}  // namespace unity::host
