// Reads the list of mounts and picks those that are worth measuring.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/text.hpp"

namespace unity::plugins::disk {

struct Mount {
  std::string source;
  std::string point;
  std::string type;
};

struct MountRules {
  bool network = false;  // also those that may hang when a server is gone
  std::vector<std::string> excluded_types;
  std::vector<std::string> excluded_mounts;
};

// In the order of the file, escapes undone. Throws ReadError.
std::vector<Mount> parse_mounts(const Text& text);

// Whether asking for its size may wait for another machine or program.
bool is_remote(std::string_view type);

// One mount for each device: the first one. Of mounts on the same point only the last can be
// seen. The root is picked whatever its type, unless it is remote or its mount point excluded.
std::vector<Mount> pick_mounts(std::vector<Mount> mounts, const MountRules& rules);

}  // namespace unity::plugins::disk
