// Lays the tree of one file over that of the files before it.
#pragma once

#include "config/node.hpp"

namespace unity::host {

// Mappings merge, key by key; everything else is replaced, except that the lists named
// `collectors` at the top are joined. A key without a value changes nothing.
void merge_over(Node& base, Node over);

}  // namespace unity::host
