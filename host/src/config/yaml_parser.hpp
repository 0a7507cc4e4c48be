// Text to tree, through yaml-cpp, which is seen nowhere else. Stricter than yaml-cpp itself:
// duplicate keys, several documents, merge keys, unknown tags and oversized aliases are errors.
#pragma once

#include <optional>

#include "config/node.hpp"

namespace unity::host {

// The root is null for a file without content. Nothing is returned if the text is not YAML; what
// is wrong is added to `diagnostics` in any case. `source` must outlive the tree.
std::optional<Node> parse_yaml(const Source& source, Diagnostics& diagnostics);

}  // namespace unity::host
