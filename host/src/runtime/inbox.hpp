// What other threads have for the control thread. It looks in by itself when a timer fires; it is
// woken only if that is later than somebody can wait, which under load is never.
#pragma once

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::host {

template <class Item>
class Inbox {
 public:
  // Any thread. The item shall be looked at by `wanted`. True if the caller must wake the control
  // thread.
  bool put(Item item, Instant wanted) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    wanted_ = std::min(wanted_, wanted);
    if (woken_ || next_look_ <= wanted) return false;
    woken_ = true;
    return true;
  }

  // The control thread looks in: all that came, in place of what `items` held.
  void take(std::vector<Item>& items) {
    items.clear();
    const std::lock_guard lock(mutex_);
    std::swap(items, items_);  // both keep their room
    woken_ = false;
    wanted_ = Instant::max();
    next_look_ = Instant::min();  // what comes now is seen by await_look()
  }

  // It will look in again at `next`. False if it has to now, for something that came already.
  bool await_look(Instant next) {
    const std::lock_guard lock(mutex_);
    if (wanted_ < next) return false;
    next_look_ = next;
    return true;
  }

 private:
  std::mutex mutex_;
  std::vector<Item> items_;
  Instant wanted_ = Instant::max();  // the earliest of the items
  Instant next_look_ = Instant::min();
  bool woken_ = false;
};

}  // namespace unity::host
