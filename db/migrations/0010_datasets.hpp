// Tables that plugins and operators declare, and what was decided about them.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> datasets_ops();
inline constexpr Migration kDatasetsMigration{10, "datasets", datasets_ops};

}  // namespace unity::db
