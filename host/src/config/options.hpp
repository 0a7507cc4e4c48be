// YAML that others understand, as JSON: the options of a plugin, the stages of a pipeline.
#pragma once

#include "config/located_value.hpp"
#include "config/node.hpp"

namespace unity::host {

// Plain scalars get the type that they look like (null, true, false, whole and other numbers);
// quotes make text.
LocatedValue read_options(const Node& node);

}  // namespace unity::host
