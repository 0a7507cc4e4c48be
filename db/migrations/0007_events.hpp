// Messages of topics as they came, and numbers over sliding windows of them.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> events_ops();
inline constexpr Migration kEventsMigration{7, "events", events_ops};

}  // namespace unity::db
