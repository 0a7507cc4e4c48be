// All plugins that the configured folders hold, by id.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plugin/plugin_file.hpp"

namespace unity::host {

struct PluginSet {
  std::map<std::string, PluginFile> by_id;
  std::vector<Error> unusable;  // one for each file that was found and refused

  std::vector<std::string> ids() const;
};

// Reads every plugin file in the folders; a file that is refused does not stop the others. Of two
// files with the same id the first folder's wins, the other is reported as unusable.
Result<PluginSet> scan_plugins(std::span<const std::filesystem::path> folders);

// ../lib/unity/plugins beside the running binary: where an installed host keeps its plugins.
std::filesystem::path bundled_plugin_dir();

}  // namespace unity::host
