// A denied call raises SIGSYS. Where that is blocked the kernel ends the process instead, and it is
// usual for a thread to block all signals; so this one is taken out of what is blocked.
#include <signal.h>

#include "worker/confine/interposed.hpp"

namespace {

using unity::worker::Next;

using Mask = int(int, const sigset_t*, sigset_t*);

int without_sigsys(Next<Mask>& next, int how, const sigset_t* set, sigset_t* old) {
  if (set == nullptr || how == SIG_UNBLOCK || !unity::worker::Denials::of_process().active()) {
    return next.get()(how, set, old);
  }
  auto open = *set;
  ::sigdelset(&open, SIGSYS);
  return next.get()(how, &open, old);
}

constinit Next<Mask> next_sigprocmask("sigprocmask");
constinit Next<Mask> next_pthread_sigmask("pthread_sigmask");

}  // namespace

extern "C" {

int sigprocmask(int how, const sigset_t* set, sigset_t* old) noexcept {
  return without_sigsys(next_sigprocmask, how, set, old);
}
int pthread_sigmask(int how, const sigset_t* set, sigset_t* old) noexcept {
  return without_sigsys(next_pthread_sigmask, how, set, old);
}

}  // extern "C"
