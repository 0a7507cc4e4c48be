// A plugin's options: YAML that only the plugin's schema understands, as JSON.
#pragma once

#include "config/config.hpp"
#include "config/node.hpp"

namespace unity::host {

// Plain scalars get the type that they look like (null, true, false, whole and other numbers);
// quotes make text. Sets the options and their locations.
void read_options(const Node& node, InstanceConfig& instance);

}  // namespace unity::host
