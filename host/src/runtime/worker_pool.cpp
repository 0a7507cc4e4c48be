#include "runtime/worker_pool.hpp"

#include <algorithm>
#include <iterator>
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

void WorkerPool::post(Task task) {
  gathered_.push_back(std::move(task));
  if (!gathering_) release();
}

void WorkerPool::release() {
  gathering_ = false;
  if (gathered_.empty()) return;
  std::unique_lock lock(mutex_);
  std::move(gathered_.begin(), gathered_.end(), std::back_inserter(tasks_));
  const bool notify = call_thread();
  lock.unlock();  // the woken thread needs it first
  if (notify) work_.notify_one();
  gathered_.clear();
}

bool WorkerPool::call_thread() {
  if (called_ || tasks_.empty()) return false;
  called_ = idle_ > 0;
  if (!called_ && serving_ < threads_max_) start();
  return idle_ > 0;
}

void WorkerPool::start() {
  std::erase_if(threads_, [this](std::thread& thread) {
    if (std::find(ended_.begin(), ended_.end(), thread.get_id()) == ended_.end()) return false;
    thread.join();  // it needs nothing of ours any more
    return true;
  });
  ended_.clear();
  try {
    threads_.push_back(start_thread([this] { serve(); }));
    ++serving_;
    called_ = true;
  } catch (const std::system_error& error) {
    // The task waits for a thread that serves already, or for the next attempt to start one.
    log_error("cannot start a thread for collectors: {}", error.what());
  }
}

void WorkerPool::serve() {
  std::unique_lock lock(mutex_);
  called_ = false;
  for (;;) {
    while (!stopping_ && tasks_.empty() && serving_ <= threads_max_) {
      ++idle_;
      work_.wait(lock);
      --idle_;
      called_ = false;
    }
    if (stopping_ || serving_ > threads_max_) break;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    const bool notify = call_thread();
    lock.unlock();
    if (notify) work_.notify_one();
    task();
    task = nullptr;  // what it captured may take time to destroy
    lock.lock();
  }
  --serving_;
  // It may have been called for a task that it leaves to another.
  if (!stopping_ && call_thread()) work_.notify_one();
  ended_.push_back(std::this_thread::get_id());
}

void WorkerPool::write_off() {
  const std::lock_guard lock(mutex_);
  ++threads_max_;
  if (call_thread()) work_.notify_one();
}

void WorkerPool::take_back() {
  {
    const std::lock_guard lock(mutex_);
    --threads_max_;
  }
  work_.notify_one();
}

}  // namespace unity::host
