// Landlock by its system calls: newer than the headers that this is built with.
#pragma once

#include <string>
#include <vector>

#include "worker/confine/confinement.hpp"

namespace unity::worker {

// The version of its ABI; 0: the kernel has none, or it is switched off.
int landlock_version();

// Confines the calling thread to the paths and ports. Needs no_new_privs.
void enter_landlock(const Confinement& confinement, Enforced& enforced);

// Paths that every process may use: libraries, time zones, /dev/null.
std::vector<PathRule> common_paths(const Confinement& confinement);

}  // namespace unity::worker
