// Puts filters of system calls on this process.
#pragma once

#include "worker/confine/confinement.hpp"

namespace unity::worker {

// Two filters: one that is made here, for what only the worker knows (its own process id) and for
// calls that are newer than this program; and the one that came with the confinement. What is
// denied raises SIGSYS, which Denials handles, or fails with EPERM. Needs no_new_privs.
void enter_system_call_filter(const Confinement& confinement, Enforced& enforced);

}  // namespace unity::worker
