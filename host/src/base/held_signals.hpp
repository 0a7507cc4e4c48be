// Lets a command clean up after itself before it is ended by a signal.
#pragma once

#include <csignal>
#include <initializer_list>

namespace unity::host {

// As long as it lives, what asks this thread to end (ctrl-C, a closed terminal, a service manager)
// waits; then it is delivered. For a process with one thread.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t asks;
    sigemptyset(&asks);
    for (const int one : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&asks, one);
    pthread_sigmask(SIG_BLOCK, &asks, &before_);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace unity::host
