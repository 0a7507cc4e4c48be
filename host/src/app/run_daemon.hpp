// A host in the foreground, from its configuration to its exit code.
#pragma once

#include "app/daemon.hpp"
#include "config/load.hpp"

namespace unity::host {

// Runs until SIGINT or SIGTERM. Returns an exit code as documented in docs/operations.md.
int run_daemon(LoadOutcome loaded, const DaemonOptions& options);

}  // namespace unity::host
