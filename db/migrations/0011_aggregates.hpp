// The documents' views of hours and days, and the way to the sources of a plugin.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> aggregates_ops();
inline constexpr Migration kAggregatesMigration{11, "aggregates", aggregates_ops};

}  // namespace unity::db
