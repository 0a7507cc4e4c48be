#include <sys/stat.h>
#include <unistd.h>

#include "worker/confine/confinement.hpp"
#include "worker/confine/denials.hpp"
#include "worker/confine/landlock.hpp"
#include "worker/confine/privileges.hpp"
#include "worker/confine/system_calls.hpp"

namespace unity::worker {

// The order matters: limits look into /proc, which Landlock closes; Landlock opens the paths of its
// rules; both it and seccomp want a process that can gain no privileges; and the filter comes last,
// as it denies what the others need.
Enforced confine_self(const Confinement& confinement) {
  Enforced enforced;
  if (::chdir("/") != 0) enforced.gaps.emplace_back("the working folder could not be left");
  ::umask(077);
  Denials::of_process().begin(confinement);
  limit_resources(confinement, enforced);
  drop_privileges(enforced);
  enter_landlock(confinement, enforced);
  enter_system_call_filter(confinement, enforced);
  return enforced;
}

}  // namespace unity::worker
