// What numbers were in an hour and in a day, and the jobs that keep the database in order.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> rollups_ops();
inline constexpr Migration kRollupsMigration{5, "rollups", rollups_ops};

}  // namespace unity::db
