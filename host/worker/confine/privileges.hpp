// Privileges and limits of this process.
#pragma once

#include "worker/confine/confinement.hpp"

namespace unity::worker {

// No capability is left in any of the five sets, and no program can give one back. Afterwards this
// process cannot be traced, and leaves no core dump.
void drop_privileges(Enforced& enforced);

// Before drop_privileges(). What cannot be set is told; a hard limit is never raised.
void limit_resources(const Confinement& confinement, Enforced& enforced);

// Processes and threads of this process's user, as far as /proc shows them.
std::uint64_t count_tasks_of_user();

}  // namespace unity::worker
