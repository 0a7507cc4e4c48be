// Files of configuration as they were, as they are, and what changed.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> configuration_ops();
inline constexpr Migration kConfigurationMigration{8, "configuration", configuration_ops};

}  // namespace unity::db
