// Where numbers go: sources, their series, frames; and the view that shows them as rows.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> metrics_ops();
inline constexpr Migration kMetricsMigration{2, "metrics", metrics_ops};

}  // namespace unity::db
