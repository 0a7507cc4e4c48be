// Has one database kept in order, on a thread of its own: whoever writes to it never waits for
// that.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "unity/core/base/time.hpp"
#include "unity/db/maintenance.hpp"

namespace unity::host {

class Maintainer {
 public:
  using Open = std::function<Result<std::unique_ptr<db::Maintenance>>()>;

  // `storage` is for messages.
  Maintainer(std::string storage, Open open);
  ~Maintainer();

  // Why the work does not get done; empty if it does. Any thread.
  std::string problem() const;

  void stop();  // begins to, and returns
  // False if the database holds the thread still at `deadline`: then the process must leave without
  // destroying this.
  bool stopped(Instant deadline);

 private:
  void serve();
  // A piece of work; true if there is more to do at once.
  bool work();
  void note(std::string problem);

  std::string storage_;
  Open open_;
  std::unique_ptr<db::Maintenance> maintenance_;  // the thread's; null: not open
  bool needs_none_ = false;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string problem_;
  bool ended_ = false;
  std::thread thread_;  // last
};

}  // namespace unity::host
