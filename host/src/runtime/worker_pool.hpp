// The threads that call into plugins. Threads are started as work comes, up to a bound; one that
// a plugin never gives back is written off and replaced.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace unity::host {

class WorkerPool {
 public:
  // At most `threads` at work at a time, not counting those written off.
  explicit WorkerPool(std::size_t threads) : threads_max_(threads) {}
  // Joins every thread; not to be destroyed while one is written off.
  ~WorkerPool();

  void post(std::function<void()> task);  // any thread

  // A task hangs: gives the pool room for one more thread in its place. When the task returns
  // after all, take_back() ends the surplus.
  void write_off();
  void take_back();

 private:
  void serve();
  void grow();  // starts a thread if a task waits for one; under the lock

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;    // that serve, or have served
  std::vector<std::thread::id> ended_;  // of those, the ones to be joined
  std::size_t threads_max_;
  std::size_t serving_ = 0;  // threads that have not ended
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace unity::host
