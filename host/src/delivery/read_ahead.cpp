#include "delivery/read_ahead.hpp"

#include <utility>

#include "runtime/thread.hpp"

namespace unity::host {

ReadAhead::ReadAhead(db::SpoolConsumer& consumer, std::size_t records_max)
    : consumer_(consumer), records_max_(records_max) {
  thread_ = start_thread([this] { serve(); });
}

ReadAhead::~ReadAhead() { stop(); }

void ReadAhead::begin() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(begun_, true)) return;
  }
  changed_.notify_all();
}

Result<bool> ReadAhead::next(db::SpoolBatch& batch) {
  std::unique_lock lock(mutex_);
  if (!begun_) return consumer_.read(records_max_, batch);
  changed_.wait(lock, [this] { return read_.has_value(); });
  begun_ = false;
  std::swap(batch, batch_);  // the memory of the batch before is filled next
  return *std::exchange(read_, std::nullopt);
}

void ReadAhead::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ReadAhead::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || (begun_ && !read_); });
    if (stopping_) return;
    lock.unlock();
    auto read = consumer_.read(records_max_, batch_);
    lock.lock();
    read_ = std::move(read);
    changed_.notify_all();
  }
}

}  // namespace unity::host
