// The filter of system calls for a worker, made from its permissions.
#pragma once

#include <cstddef>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/model/permissions.hpp"

namespace unity::host {

// A program of struct sock_filter for worker::Confinement. Of the permissions, only `spawn` and
// `network` matter. Takes milliseconds: keep it for all workers that may do the same.
Result<std::vector<std::byte>> build_seccomp_filter(const Permissions& permissions);

}  // namespace unity::host
