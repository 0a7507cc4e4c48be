// What the host knows of machines and plugins: devices, plugins, plugin_status.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> registry_ops();
inline constexpr Migration kRegistryMigration{1, "registry", registry_ops};

}  // namespace unity::db
