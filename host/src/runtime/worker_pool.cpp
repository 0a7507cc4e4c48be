#include "runtime/worker_pool.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "log/log.hpp"
#include "runtime/thread.hpp"

namespace unity::host {

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    grow();
  }
  work_.notify_one();  // not under the lock, which the woken thread needs first
}

void WorkerPool::grow() {
  if (idle_ >= tasks_.size() || serving_ >= threads_max_) return;
  std::erase_if(threads_, [this](std::thread& thread) {
    if (std::find(ended_.begin(), ended_.end(), thread.get_id()) == ended_.end()) return false;
    thread.join();  // it needs nothing of ours any more
    return true;
  });
  ended_.clear();
  try {
    threads_.push_back(start_thread([this] { serve(); }));
    ++serving_;
  } catch (const std::system_error& error) {
    // The task waits for a thread that serves already, or for the next attempt to start one.
    log_error("cannot start a thread for collectors: {}", error.what());
  }
}

void WorkerPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    work_.wait(lock, [this] { return stopping_ || !tasks_.empty() || serving_ > threads_max_; });
    --idle_;
    if (stopping_ || serving_ > threads_max_) break;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it captured may take time to destroy
    lock.lock();
  }
  --serving_;
  ended_.push_back(std::this_thread::get_id());
}

void WorkerPool::write_off() {
  const std::lock_guard lock(mutex_);
  ++threads_max_;
  grow();
}

void WorkerPool::take_back() {
  {
    const std::lock_guard lock(mutex_);
    --threads_max_;
  }
  work_.notify_one();
}

}  // namespace unity::host
