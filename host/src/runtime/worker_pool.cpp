#include "runtime/worker_pool.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "log/log.hpp"
#include "runtime/thread.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// What a thread is given to do before another one is called: several empty runs inline, two in a
// worker, which are mostly waiting.
constexpr Duration kWorthAThread = std::chrono::microseconds(100);
// If nobody has taken a task for as long, those that are awake are not counted on.
constexpr Duration kHangs = std::chrono::milliseconds(1);
// How long after the last task should have begun the owner looks whether it was.
constexpr Duration kLookAfter = std::chrono::milliseconds(20);
// How late the kernel may wake who waits for a time. Its usual 50 us would be half of our lateness.
constexpr Duration kTimerSlack = std::chrono::microseconds(1);

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

void WorkerPool::post(Task task, const RunTiming& timing) {
  gathered_.push_back({std::move(task), timing});
  auto& expected = gathered_.back().timing.expected;
  expected = std::min(expected, kLong);
  if (!gathering_) release();
}

void WorkerPool::release() {
  gathering_ = false;
  if (gathered_.empty()) return;
  const Instant now = steady_clock::now();
  std::unique_lock lock(mutex_);
  for (auto& waiting : gathered_) {
    later_.insert(std::upper_bound(later_.begin(), later_.end(), waiting,
                                   [](const Waiting& a, const Waiting& b) {
                                     return a.timing.not_before < b.timing.not_before;
                                   }),
                  std::move(waiting));
  }
  const bool sooner = watched_ && later_.front().timing.not_before < watched_until_;
  admit(now);
  const bool notify = busy(now) && call_thread();
  lock.unlock();  // the woken thread needs it first
  if (sooner) {
    work_.notify_all();  // it cannot be told which of them watches
  } else if (notify) {
    work_.notify_one();
  }
  gathered_.clear();
}

void WorkerPool::admit(Instant now) {
  while (!later_.empty() && later_.front().timing.not_before <= now) {
    work_ahead_ += later_.front().timing.expected;
    tasks_.push_back(std::move(later_.front()));
    later_.pop_front();
  }
}

std::optional<Instant> WorkerPool::look(Instant now) {
  std::unique_lock lock(mutex_);
  admit(now);
  if (tasks_.empty() && later_.empty()) return std::nullopt;
  const auto last = later_.empty() ? now : later_.back().timing.not_before;
  const bool notify = busy(now) && call_thread();
  lock.unlock();
  if (notify) work_.notify_one();
  return last + kLookAfter;
}

bool WorkerPool::stop(Instant deadline) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  work_.notify_all();
  return ended_one_.wait_until(lock, deadline, [this] { return serving_ == 0; });
}

void WorkerPool::hurry() {
  {
    const std::lock_guard lock(mutex_);
    admit(Instant::max());
  }
  work_.notify_all();
}

bool WorkerPool::busy(Instant now) const {
  const auto awake = static_cast<Duration::rep>(serving_ - idle_ - written_off_);
  return awake <= 0 || now - begun_ > kHangs || work_ahead_ > awake * kWorthAThread;
}

bool WorkerPool::call_thread() {
  if (called_ || (tasks_.empty() && (later_.empty() || watched_))) return false;
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

void WorkerPool::wait(std::unique_lock<std::mutex>& lock) {
  ++idle_;
  if (watched_ || later_.empty()) {
    work_.wait(lock);
  } else {
    watched_ = true;
    watched_until_ = later_.front().timing.not_before;
    work_.wait_until(lock, watched_until_);
    watched_ = false;
  }
  --idle_;
  called_ = false;
}

void WorkerPool::serve() {
  ::prctl(PR_SET_TIMERSLACK, kTimerSlack.count());
  std::unique_lock lock(mutex_);
  called_ = false;
  for (;;) {
    const Instant now = steady_clock::now();
    admit(now);
    if (stopping_ || serving_ > threads_max_) break;
    if (tasks_.empty()) {
      wait(lock);
      continue;
    }
    auto next = std::move(tasks_.front());
    tasks_.pop_front();
    begun_ = now;
    const bool notify = busy(now) && call_thread();
    lock.unlock();
    if (notify) work_.notify_one();
    next.task();
    next.task = nullptr;  // what it captured may take time to destroy
    lock.lock();
    work_ahead_ -= next.timing.expected;
  }
  --serving_;
  // It may have been called for a task that it leaves to another.
  if (!stopping_ && call_thread()) work_.notify_one();
  ended_.push_back(std::this_thread::get_id());
  if (stopping_) ended_one_.notify_all();
}

void WorkerPool::write_off() {
  const std::lock_guard lock(mutex_);
  ++threads_max_;
  ++written_off_;
  if (call_thread()) work_.notify_one();
}

void WorkerPool::take_back() {
  {
    const std::lock_guard lock(mutex_);
    --threads_max_;
    --written_off_;
  }
  work_.notify_one();
}

}  // namespace unity::host
