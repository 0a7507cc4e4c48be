// E42: the process is as it was before the guest came.
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"
#include "check/process/crash_handler.hpp"
#include "check/process/facts.hpp"
#include "check/process/state.hpp"
#include "check/process/watchdog.hpp"

namespace unity::check {

void check_hygiene(const Context& context, Findings& findings) {
  // What a child of the plugin leaves behind comes to us.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  install_crash_handler(context.page);
  start_watchdog(context.page);
  const auto before = process_state();
  const auto threads = thread_count();
  const auto descriptors = open_descriptors();
  for_each_subject(context, findings, [&](const Subject& subject) {
    const auto life = live(subject);
    if (!life.made) {
      findings.skip("{}: create() failed with {}; give options with which it works by --config",
                    subject.collector.name, life.created.text());
    }
  });
  ::fflush(nullptr);
  for (const auto& difference : differences(before, process_state())) {
    findings.fail("it changed the process: {}", difference);
  }
  if (const auto now = thread_count_settled(threads); now > threads) {
    findings.fail("{} threads of it are left", now - threads);
  }
  for (const auto& [fd, target] : open_descriptors()) {
    if (!descriptors.contains(fd)) findings.fail("it left {} open", target);
  }
  for (const auto& [fd, target] : descriptors) {
    if (::fcntl(fd, F_GETFD) < 0) findings.fail("it closed {}, which is not its own", target);
  }
  if (const auto left = children(); !left.empty()) {
    findings.fail("{} processes that it started are left", left.size());
  }
}

}  // namespace unity::check
