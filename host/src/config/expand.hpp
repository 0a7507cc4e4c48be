// Replaces references in the scalars of a tree: ${NAME}, ${NAME:-default} and ${file:/path}.
#pragma once

#include "config/environment.hpp"
#include "config/node.hpp"

namespace unity::host {

// This runs on the tree, not on the text, so that a value cannot change the structure of the file.
// "$${" stands for "${". A variable that is not set and has no default is an error, as is a file
// that cannot be read; one line break at the end of a file is left out.
void expand_references(Node& node, const Environment& environment, Diagnostics& diagnostics);

}  // namespace unity::host
