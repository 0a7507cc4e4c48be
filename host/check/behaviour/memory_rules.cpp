// E34, E41: what is lent and taken back, memory that runs out, and what must not cross the ABI.
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"
#include "check/process/failing_memory.hpp"
#include "check/process/watchdog.hpp"

namespace unity::check {
namespace {

constexpr std::int64_t kAllocationsMax = 60;

// What became of a life in which memory ran out.
struct Starved {
  bool enough = false;  // it made fewer allocations than those that were to succeed
  bool threw = false;
  bool hung = false;
  int signal = 0;
  std::string phase;
};

constexpr int kWasEnough = 10;
constexpr int kThrew = 11;
// A life must only come to an end, however busy the machine is. One that does not is enough: the
// check itself has a minute.
constexpr int kReturnMaxMs = 30'000;

// In a process of its own, which it may end. Threads of the plugin are not touched.
[[noreturn]] void starve(const Subject& subject, std::int64_t number, bool stays) {
  auto& breaches = World::get().breaches;
  const auto before = breaches.count(Breach::exception);
  {
    Instance instance(subject.collector, fmt::format("one, allocation {} failing", number),
                      subject.config);
    fail_allocation(number, stays);
    if (instance.create().status >= 0 && instance.made() && !subject.collector.streaming()) {
      (void)instance.collect();
    }
    instance.destroy();
  }
  if (breaches.count(Breach::exception) > before) ::_exit(kThrew);
  ::_exit(allocations_made() <= number ? kWasEnough : 0);
}

Starved live_without_memory(const Subject& subject, std::int64_t number, bool stays) {
  Starved result;
  const auto child = fork_unwatched();
  if (child == 0) starve(subject, number, stays);
  const int ended = child > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, child, 0)) : -1;
  if (ended < 0) {
    result.enough = true;  // no more processes here: what was tried has to do
    return result;
  }
  pollfd end{ended, POLLIN, 0};
  result.hung = ::poll(&end, 1, kReturnMaxMs) == 0;
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(ended);
  const auto* page = World::get().page;
  result.phase = std::string(page->phase, ::strnlen(page->phase, sizeof page->phase));
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.threw = WIFEXITED(status) && WEXITSTATUS(status) == kThrew;
  result.enough = WIFEXITED(status) && WEXITSTATUS(status) == kWasEnough;
  return result;
}

// Runs out of memory at each allocation in turn, and then for good.
void check_starving(const Subject& subject, Findings& findings) {
  std::int64_t tried = 0;
  std::int64_t aborted = 0;
  std::string first_abort;
  for (const bool stays : {false, true}) {
    for (std::int64_t i = 0; i < kAllocationsMax; ++i) {
      const auto end = live_without_memory(subject, i, stays);
      if (end.enough) break;
      ++tried;
      if (end.threw) findings.fail("{} lets an exception out", end.phase);
      if (end.hung) {
        return findings.fail("{} does not return", end.phase);
      }
      if (end.signal == SIGABRT) {
        if (aborted++ == 0) first_abort = end.phase;
      } else if (end.signal != 0) {
        const char* name = ::sigabbrev_np(end.signal);
        findings.fail("the process died of SIG{} in {}", name != nullptr ? name : "?", end.phase);
      }
    }
  }
  // Not a failure: the standard library of C++ itself does so in places (std::filesystem).
  if (aborted > 0) {
    findings.warn("{} of {} allocations that fail abort the process, the first in {}", aborted,
                  tried, first_abort);
  }
  findings.remark("{}: memory ran out in {} ways", subject.collector.name, tried);
}

}  // namespace

void check_borrowing(const Context& context, Findings& findings) {
  auto& world = World::get();
  for_each_subject(context, findings, [&](const Subject& subject) {
    world.plan = {};
    world.plan.poison = true;
    world.set_state({{"checked", "value"}});
    const auto life = live(subject, "one", 3);
    // A thread that it started may still read what it should not.
    const timespec moment{0, 20'000'000};
    ::nanosleep(&moment, nullptr);
    world.plan = {};
    if (!life.made) {
      findings.skip("{}: create() failed with {}; give options with which it works by --config",
                    subject.collector.name, life.created.text());
    }
  });
}

void check_exceptions(const Context& context, Findings& findings) {
  auto& world = World::get();
  for_each_subject(context, findings, [&](const Subject& subject) {
    live_well_and_badly(subject, findings);
    if (!memory_can_fail()) {
      return findings.remark("memory was not made to fail: this is a build with a sanitizer");
    }
    check_starving(subject, findings);
  });
  world.breaches.report(Breach::exception, findings);
}

}  // namespace unity::check
