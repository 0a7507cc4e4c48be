// Rules that watch numbers, what they saw, and what people are told of it.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> alerts_ops();
inline constexpr Migration kAlertsMigration{6, "alerts", alerts_ops};

}  // namespace unity::db
