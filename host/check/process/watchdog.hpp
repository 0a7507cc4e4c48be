// Ends a check whose plugin does not come back: with a verdict, and long before the process would
// be killed without one.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "check/shared_page.hpp"
#include "unity/core/base/time.hpp"

namespace unity::check {

// Begins to watch: one thread for the whole process. Again and again is once.
void start_watchdog(SharedPage* page);

// fork(), to a process that is not watched: the watchdog's thread does not come along, and its lock
// would as it was at that moment, perhaps held for ever. Whoever forks bounds the process itself.
pid_t fork_unwatched();

// While it lives, something is being waited for.
class Watched {
 public:
  // `remind` is called at `reminded_at`, once, on the watchdog's thread: to fire a token. At
  // `ends_at` the process ends, and the check has failed with `text`.
  Watched(Instant reminded_at, std::function<void()> remind, Instant ends_at, std::string text);
  Watched(Instant ends_at, std::string text)
      : Watched(Instant::max(), {}, ends_at, std::move(text)) {}
  ~Watched();
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

 private:
  std::uint64_t id_;
};

}  // namespace unity::check
