// Brings configuration and plugins together: what each configured collector will be.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "plugin/plugin_set.hpp"

namespace unity::host {

// One collector that can be started.
struct InstancePlan {
  const InstanceConfig* config;
  const PluginFile* plugin;
  const CollectorSpec* collector;  // in the plugin's manifest
  std::string options;             // JSON, validated, defaults filled in
  Duration interval{};
  // Its manifest's, as its entry changes them, with the values of its options in the paths.
  Permissions permissions = {};
  std::set<std::string, std::less<>> secrets = {};  // that its options name
};

// A collector whose plugin cannot be found; no mistake of the configuration, if files come and go.
struct AbsentPlugin {
  std::string instance;
  std::string reason;
};

// Checks every enabled collector against the manifest of its plugin and reports all mistakes at
// their place in the file. What is returned is complete only if no error was added.
// With `absent`, plugins that are not there are told in it and no error.
// The result points into `config` and `plugins`.
std::vector<InstancePlan> plan_instances(const Config& config, const PluginSet& plugins,
                                         Diagnostics& diagnostics,
                                         std::vector<AbsentPlugin>* absent = nullptr);

// The folders that the configuration names, or else the bundled one.
std::vector<std::filesystem::path> plugin_dirs(const Config& config);

}  // namespace unity::host
