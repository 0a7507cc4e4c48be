// The composition root: puts the parts of a host together, downstream first, runs them, and takes
// them apart upstream first.
#pragma once

#include "config/load.hpp"

namespace unity::host {

struct DaemonOptions {
  std::filesystem::path config;  // the file, for hints to people
  bool live = false;  // show a screen on standard output; the log goes to the state folder
};

// Runs until SIGINT or SIGTERM. Returns an exit code as documented in docs/operations.md.
int run_daemon(LoadOutcome loaded, const DaemonOptions& options);

}  // namespace unity::host
