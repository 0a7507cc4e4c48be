// A configuration with all that it needs of plugin files, checked: what a start, a reload and
// `unity check-config` have in common. Nothing of a plugin is run.
#pragma once

#include "app/plan.hpp"
#include "config/load.hpp"

namespace unity::host {

struct Prepared {
  LoadOutcome loaded;
  PluginSet plugins;
  std::vector<InstancePlan> plans;   // into `loaded` and `plugins`; complete if usable()
  std::vector<Diagnostic> mistakes;  // in what the file asks of plugins
  std::vector<LeftOut> left_out;     // where that is no mistake

  bool usable() const { return loaded.config && mistakes.empty(); }
  // Of the file itself, warnings included, and of what it asks of plugins.
  std::vector<Diagnostic> all_mistakes() const;
};

// `file` is where `loaded` came from. With `is_new`, files come and go: see ComingAndGoing.
Prepared prepare(const std::filesystem::path& file, LoadOutcome loaded,
                 decltype(ComingAndGoing::is_new) is_new = nullptr);

}  // namespace unity::host
