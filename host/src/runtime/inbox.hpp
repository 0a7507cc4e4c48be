// What other threads have for the control thread. It looks in by itself when a timer fires; it is
// woken only if that is too far away, which under load is never.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::host {

template <class Item>
class Inbox {
 public:
  // Any thread. True if the caller must wake the control thread.
  bool put(Item item, Instant now) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    if (woken_ || next_look_ - now <= kSoon) return false;
    woken_ = true;
    return true;
  }

  // The control thread looks in: all that came.
  std::vector<Item> take() {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    next_look_ = {};  // long ago: what comes now is seen by await_look()
    return std::exchange(items_, {});
  }

  // It will look in again at `next`. False if it has to now, because something came already.
  bool await_look(Instant next) {
    const std::lock_guard lock(mutex_);
    if (!items_.empty()) return false;
    next_look_ = next;
    return true;
  }

 private:
  static constexpr Duration kSoon = std::chrono::milliseconds(2);

  std::mutex mutex_;
  std::vector<Item> items_;
  Instant next_look_{};
  bool woken_ = false;
};

}  // namespace unity::host
