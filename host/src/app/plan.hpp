// Brings configuration and plugins together: what each configured collector will be.
#pragma once

#include <functional>
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

// A collector whose plugin cannot be found, or does not go with the configuration.
struct LeftOut {
  std::string instance;
  std::string reason;
};

// What is no mistake of the configuration where files come and go: a plugin that is not there, and
// what is wrong with a collector whose file `is_new`.
struct ComingAndGoing {
  std::function<bool(const std::string& instance, const PluginFile& file)> is_new;
  std::vector<LeftOut> left_out = {};
};

// Checks every enabled collector against the manifest of its plugin and reports all mistakes at
// their place in the file. What is returned is complete only if no error was added.
// With `files`, what is no mistake then is told in it.
// The result points into `config` and `plugins`.
std::vector<InstancePlan> plan_instances(const Config& config, const PluginSet& plugins,
                                         Diagnostics& diagnostics, ComingAndGoing* files = nullptr);

// The folders that the configuration names, or else the bundled one.
std::vector<std::filesystem::path> plugin_dirs(const Config& config);

}  // namespace unity::host
