// The watchdog of a check, and the processes that a check forks.
#include "check/process/watchdog.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <semaphore>

namespace unity::check {
namespace {

constexpr int kMinuteMs = 60'000;

// Whether it ended by itself, with exit code 0.
bool ends_well(pid_t child) {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  pollfd end{fd, POLLIN, 0};
  const bool ended = ::poll(&end, 1, kMinuteMs) == 1;
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(fd);
  return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Watchdog, DoesNotHoldUpAProcessForkedWhileItIsAtWork) {
  static SharedPage page;
  start_watchdog(&page);
  std::binary_semaphore at_work(0), done(0);
  const auto now = std::chrono::steady_clock::now();
  const Watched watched(
      now,
      [&] {
        at_work.release();
        done.acquire();
      },
      now + std::chrono::hours(1), "it ends");
  at_work.acquire();

  const auto child = fork_unwatched();
  if (child == 0) {
    { const Watched inside(now + std::chrono::hours(1), "it ends"); }
    ::_exit(0);
  }

  EXPECT_TRUE(ends_well(child));
  done.release();
}

}  // namespace
}  // namespace unity::check
