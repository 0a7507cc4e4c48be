// Gathers records into batches for one writer, within a bound. Decides when a batch is ready;
// the caller says what time it is and whether the writer is free.
//
// An idle writer gets what there is at once. While a write is in flight, records gather until
// `batch_size` of them are there or the oldest is `batch_timeout` old; then the next batch begins.
#pragma once

#include <deque>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/core/model/record.hpp"

namespace unity {

struct BatchLimits {
  std::size_t batch_size = 100;  // records
  Duration batch_timeout = std::chrono::seconds(5);
  std::size_t records_max = 100'000;  // all that wait, across batches
};

class Batcher {
 public:
  explicit Batcher(const BatchLimits& limits) : limits_(limits) {}

  // Takes as many records as there is room for, from the front; returns how many.
  std::size_t add(std::vector<Record>&& records, Instant now);

  // The next batch for a writer that has become free; empty if nothing waits.
  std::vector<Record> take();

  // Puts a batch back in front of all others, after a write that failed: order is kept, and the
  // bound may be passed by this one batch.
  void put_back(std::vector<Record>&& batch);

  std::size_t waiting() const { return waiting_; }
  bool empty() const { return waiting_ == 0; }

 private:
  BatchLimits limits_;
  std::deque<std::vector<Record>> batches_;  // all but the last are closed
  Instant opened_{};                         // when the last batch got its first record
  std::size_t waiting_ = 0;
};

}  // namespace unity
