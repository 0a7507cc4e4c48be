// Starts the threads of the host.
#pragma once

#include <csignal>
#include <thread>
#include <utility>

#include "worker/base/fault_signals.hpp"

namespace unity::host {

// A thread that takes no signals: they are the control thread's, but for those that it brings upon
// itself, which end the host without a word if they are blocked. Throws std::system_error if the
// system gives no thread.
template <class Body>
std::thread start_thread(Body body) {
  struct Blocked {  // for this scope; the new thread inherits it
    sigset_t before;
    Blocked() {
      sigset_t all;
      sigfillset(&all);
      for (const int own : kFaultSignals) sigdelset(&all, own);
      pthread_sigmask(SIG_SETMASK, &all, &before);
    }
    ~Blocked() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
  } const blocked;
  return std::thread(std::move(body));
}

}  // namespace unity::host
