// Calls interrupt() of an instance when the call in flight is cancelled: on a thread of its own,
// since the one that made the call is in the plugin.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "worker/base/file_descriptor.hpp"

namespace unity::host {

// Any thread. Lives as long as the process.
class Interrupter {
 public:
  // Calls `interrupt` each time `cancelled` is written to, until the watch ends. No thread is
  // started before the first watch.
  class Watch {
   public:
    Watch(Interrupter& interrupter, int cancelled, std::function<void()> interrupt);
    ~Watch();  // waits for an interrupt() that is under way
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Interrupter& interrupter_;
    int cancelled_;
  };

 private:
  void serve();

  std::mutex mutex_;
  FileDescriptor poll_;
  std::map<int, std::function<void()>> watched_;  // by the descriptor
};

}  // namespace unity::host
