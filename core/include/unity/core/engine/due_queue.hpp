// Instances ordered by a moment: the earliest is at hand, and any of them is moved or taken out in
// O(log n), so that ten thousand instances cost no more per run than ten.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity {

// Small numbers, given out by whoever owns the instances; they index tables.
using InstanceId = std::uint32_t;

class DueQueue {
 public:
  void set(InstanceId id, Instant when);  // adds it, or moves it
  void erase(InstanceId id);              // nothing happens if it is not there

  bool empty() const { return heap_.empty(); }
  InstanceId first() const { return heap_.front().id; }
  std::optional<Instant> next() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_.front().when);
  }

 private:
  struct Item {
    Instant when;
    InstanceId id;
  };
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  void put(std::size_t place, const Item& item);
  void rise(std::size_t place);
  void sink(std::size_t place);

  std::vector<Item> heap_;
  std::vector<std::uint32_t> place_;  // in heap_, by id
};

}  // namespace unity
