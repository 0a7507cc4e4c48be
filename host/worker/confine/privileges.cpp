#include "worker/confine/privileges.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace unity::worker {

void drop_privileges(Enforced& enforced) {
  bool good = true;
  // The bounding set first: that takes a capability. Without it there is none to drop, and what the
  // set still has cannot be had, for want of a program that may give it.
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  good &= ::syscall(SYS_capset, &header, none) == 0;
  good &= ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (!good) {
    enforced.gaps.push_back(std::string("privileges could not be dropped: ") +
                            std::strerror(errno));
  }
  enforced.privileges = good;
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace unity::worker
