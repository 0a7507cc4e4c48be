#include "unity/core/engine/batcher.hpp"

#include <algorithm>
#include <iterator>

namespace unity {

std::size_t Batcher::add(std::vector<Record>&& records, Instant now) {
  const auto room = limits_.records_max - std::min(limits_.records_max, waiting_);
  const auto taken = std::min(room, records.size());
  for (std::size_t i = 0; i < taken; ++i) {
    const bool closed = batches_.empty() || batches_.back().size() >= limits_.batch_size ||
                        now - opened_ >= limits_.batch_timeout;
    if (closed) {
      batches_.emplace_back();
      opened_ = now;
    }
    batches_.back().push_back(std::move(records[i]));
  }
  waiting_ += taken;
  return taken;
}

std::vector<Record> Batcher::take() {
  if (batches_.empty()) return {};
  auto batch = std::move(batches_.front());
  batches_.pop_front();
  waiting_ -= batch.size();
  return batch;
}

void Batcher::put_back(std::vector<Record>&& batch) {
  if (batch.empty()) return;
  waiting_ += batch.size();
  batches_.push_front(std::move(batch));
}

}  // namespace unity
