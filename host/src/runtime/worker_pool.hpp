// The threads that call into plugins. Threads are started as work comes, up to a bound; one that
// a plugin never gives back is written off and replaced.
//
// To wake a thread costs more than a short task does, so a thread that is awake is left to do
// several of them: others are called if the tasks are expected to keep it too long, or do. Tasks
// that are known before their time need nobody to call: a thread waits for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "unity/core/ports/collector.hpp"

namespace unity::host {

class WorkerPool {
 public:
  using Task = std::function<void()>;

  // More is not expected of any task, so that sums of many make sense.
  static constexpr Duration kLong = std::chrono::seconds(1);

  // At most `threads` at work at a time, not counting those written off.
  explicit WorkerPool(std::size_t threads) : threads_max_(threads) {}
  // Joins every thread; not to be destroyed while one is written off. What was not begun is not.
  ~WorkerPool();

  // Only one thread posts: the owner's. What it posts between gather() and release() is begun
  // then, all at once, or when its timing says so.
  void post(Task task, const RunTiming& timing = {});
  void gather() { gathering_ = true; }
  void release();

  // Calls another thread if those that are awake hang in something that was expected to be short.
  // Returns when the owner is to look again, if tasks wait.
  std::optional<Instant> look(Instant now);

  // What waits for its time need not wait any longer.
  void hurry();

  // Begins no more tasks and waits for those under way. False if one is still at `deadline`: then
  // the process must leave without destroying this.
  bool stop(Instant deadline);

  // A task hangs: gives the pool room for one more thread in its place. When the task returns
  // after all, take_back() ends the surplus.
  void write_off();
  void take_back();

 private:
  struct Waiting {
    Task task;
    RunTiming timing;
  };

  void serve();
  // The rest is under the lock.
  void admit(Instant now);  // those whose time has come
  void wait(std::unique_lock<std::mutex>& lock);
  // Whether those that are awake have enough to do without the tasks that wait.
  bool busy(Instant now) const;
  // Sees to it that a thread comes for the first task that waits. True if an idle one must be
  // notified. Only one is on its way at a time, and it calls the next.
  bool call_thread();
  void start();  // another thread

  bool gathering_ = false;         // the owner's
  std::vector<Waiting> gathered_;  // the owner's

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable ended_one_;  // a thread, while stopping
  std::deque<Waiting> tasks_;
  std::deque<Waiting> later_;  // by their time
  bool watched_ = false;       // a thread waits for the time of the first of those:
  Instant watched_until_{};
  Duration work_ahead_{};               // what is expected of `tasks_` and of what is under way
  Instant begun_{};                     // when a thread took a task last
  std::vector<std::thread> threads_;    // that serve, or have served
  std::vector<std::thread::id> ended_;  // of those, the ones to be joined
  std::size_t threads_max_;
  std::size_t serving_ = 0;  // threads that have not ended
  std::size_t idle_ = 0;
  std::size_t written_off_ = 0;  // of those that serve: hang
  bool called_ = false;          // a thread is on its way
  bool stopping_ = false;
};

}  // namespace unity::host
