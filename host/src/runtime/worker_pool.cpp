#include "runtime/worker_pool.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "log/log.hpp"
#include "runtime/thread.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// What a thread is given to do before another one is called.
constexpr Duration kWorthAThread = std::chrono::microseconds(500);
// More is not expected of any task, so that sums of many make sense.
constexpr Duration kLong = std::chrono::seconds(1);
// If nobody has taken a task for as long, those that are awake are not counted on.
constexpr Duration kHangs = std::chrono::milliseconds(1);

}  // namespace

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

void WorkerPool::post(Task task, Duration expected) {
  gathered_.push_back({std::move(task), std::min(expected, kLong)});
  if (!gathering_) release();
}

void WorkerPool::release() {
  gathering_ = false;
  if (gathered_.empty()) return;
  std::unique_lock lock(mutex_);
  for (auto& waiting : gathered_) {
    work_ahead_ += waiting.expected;
    tasks_.push_back(std::move(waiting));
  }
  const bool notify = busy(steady_clock::now()) && call_thread();
  lock.unlock();  // the woken thread needs it first
  if (notify) work_.notify_one();
  gathered_.clear();
}

bool WorkerPool::look() {
  std::unique_lock lock(mutex_);
  if (tasks_.empty()) return false;
  const bool notify = busy(steady_clock::now()) && call_thread();
  lock.unlock();
  if (notify) work_.notify_one();
  return true;
}

bool WorkerPool::busy(Instant now) const {
  const auto awake = static_cast<Duration::rep>(serving_ - idle_);
  return awake == 0 || now - begun_ > kHangs || work_ahead_ > awake * kWorthAThread;
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
    auto next = std::move(tasks_.front());
    tasks_.pop_front();
    begun_ = steady_clock::now();
    const bool notify = busy(begun_) && call_thread();
    lock.unlock();
    if (notify) work_.notify_one();
    next.task();
    next.task = nullptr;  // what it captured may take time to destroy
    lock.lock();
    work_ahead_ -= next.expected;
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
