// Which plugins came with this host. The list is written by the build, from the files themselves.
#pragma once

#include "unity/core/base/sha256.hpp"

namespace unity::host {

bool is_bundled(const Sha256& hash);

}  // namespace unity::host
