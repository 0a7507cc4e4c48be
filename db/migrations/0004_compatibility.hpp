// What a version must know of migrations that it does not have.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> compatibility_ops();
inline constexpr Migration kCompatibilityMigration{4, "compatibility", compatibility_ops};

}  // namespace unity::db
