// Documents that people and services keep, and what the cache holds.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> profiles_ops();
inline constexpr Migration kProfilesMigration{9, "profiles", profiles_ops};

}  // namespace unity::db
