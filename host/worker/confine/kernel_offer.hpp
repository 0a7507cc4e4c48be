// What this kernel can confine a process to: for `status`, without confining anything.
#pragma once

#include <string>

namespace unity::worker {

struct KernelOffer {
  int landlock = 0;  // the version of its ABI; 0: none
  bool seccomp = false;

  bool files() const { return landlock >= 1; }
  bool renames() const { return landlock >= 2; }   // between folders, where both may be written
  bool truncate() const { return landlock >= 3; }  // else a file that may be read can be emptied
  bool ports() const { return landlock >= 4; }
  bool device_commands() const { return landlock >= 5; }
  bool signals() const { return landlock >= 6; }  // and Unix sockets without a path
};

KernelOffer what_kernel_offers();

// A sentence or two: "Workers are confined to files, TCP ports … (Landlock 7) and system calls."
std::string to_text(const KernelOffer& offer);

}  // namespace unity::worker
