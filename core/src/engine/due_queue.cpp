#include "unity/core/engine/due_queue.hpp"

namespace unity {

void DueQueue::put(std::size_t place, const Item& item) {
  heap_[place] = item;
  place_[item.id] = static_cast<std::uint32_t>(place);
}

void DueQueue::set(InstanceId id, Instant when) {
  if (id >= place_.size()) place_.resize(id + std::size_t{1}, kNowhere);
  if (place_[id] == kNowhere) {
    heap_.emplace_back();
    put(heap_.size() - 1, {when, id});
  } else {
    heap_[place_[id]].when = when;
  }
  rise(place_[id]);
  sink(place_[id]);
}

void DueQueue::erase(InstanceId id) {
  if (id >= place_.size() || place_[id] == kNowhere) return;
  const auto place = place_[id];
  place_[id] = kNowhere;
  const auto last = heap_.back();
  heap_.pop_back();
  if (last.id == id) return;
  put(place, last);
  rise(place);
  sink(place_[last.id]);
}

// Equal moments go by id, so that the order does not depend on the past.
static bool earlier(const auto& a, const auto& b) {
  return a.when != b.when ? a.when < b.when : a.id < b.id;
}

void DueQueue::rise(std::size_t place) {
  const auto item = heap_[place];
  for (; place > 0; place = (place - 1) / 2) {
    const auto& parent = heap_[(place - 1) / 2];
    if (!earlier(item, parent)) break;
    put(place, parent);
  }
  put(place, item);
}

void DueQueue::sink(std::size_t place) {
  const auto item = heap_[place];
  for (;;) {
    auto child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && earlier(heap_[child + 1], heap_[child])) ++child;
    if (!earlier(heap_[child], item)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, item);
}

}  // namespace unity
