// The thread that workers belong to: it starts them, serves what their plugins ask for, reads what
// they print and reaps them. It does nothing that waits, so that no worker waits for another.
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "workers/cgroup.hpp"
#include "workers/worker.hpp"

namespace unity::host {

class Keeper {
 public:
  // `slots`: a folder for the workers' pages.
  Keeper(std::filesystem::path binary, std::filesystem::path slots);
  ~Keeper();  // kills what is left and waits for it, but not for what cannot be killed

  // Any thread; waits until the process runs, which takes a millisecond or two. `who` is it in the
  // log. Errors: unavailable.
  Result<std::shared_ptr<Worker>> start(const std::string& who, const CgroupLimits& limits = {});
  const Cgroups& cgroups() const { return cgroups_; }

  std::size_t alive() const { return alive_; }

 private:
  void run();
  void post(std::function<void()> task);
  Result<std::shared_ptr<Worker>> launch(const std::string& who, const CgroupLimits& limits);
  void look(int fd);
  void look_at_output(Worker& worker);
  void reap(Worker& worker);
  static void hear_the_rest(Worker& worker);
  void listen(int fd, bool whether);
  void forget(int fd);
  // Those that print too much, until their pause is over; how long that is yet, for epoll_wait().
  int end_pauses();

  const std::filesystem::path binary_;
  const std::filesystem::path slots_;
  const Cgroups cgroups_;
  FileDescriptor poll_;
  FileDescriptor wake_;
  std::atomic<std::size_t> alive_ = 0;

  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
  bool stopping_ = false;

  // Keeper's thread only.
  std::map<int, std::shared_ptr<Worker>> watched_;  // by descriptor
  std::deque<std::pair<Instant, int>> paused_;      // until when, and whose output
  std::map<pid_t, Cgroup> groups_;
  std::uint64_t started_ = 0;
  std::thread thread_;
};

}  // namespace unity::host
