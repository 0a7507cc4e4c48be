#include "app/run_daemon.hpp"

#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "app/instances.hpp"
#include "app/prepare.hpp"
#include "base/exit_code.hpp"
#include "host_version.hpp"
#include "log/log.hpp"

namespace unity::host {
namespace {

int fail(const Error& error) {
  log_error("{}", error.message);
  return exit_code_of(error);
}

}  // namespace

int run_daemon(LoadOutcome loaded, const DaemonOptions& options) {
  ::mallopt(M_ARENA_MAX, 2);  // a handful of threads need no arena each
  std::signal(SIGPIPE, SIG_IGN);
  auto prepared = prepare(options.config, std::move(loaded));
  for (const auto& problem : prepared.plugins.unusable) log_warn("{}", problem.message);
  if (!prepared.usable()) {
    std::cerr << render(prepared.mistakes, prepared.loaded.sources);
    return kExitBadConfig;
  }
  const auto& config = *prepared.loaded.config;
  const auto& plans = prepared.plans;
  if (plans.empty()) {
    log_error("no collector is configured; add some under `collectors`");
    return kExitBadConfig;
  }

  auto state_dir = StateDir::acquire(config.state_dir);
  if (!state_dir) return fail(state_dir.error());
  if (options.live) log_to_file(state_dir->log());
  Daemon daemon(config, std::move(*state_dir), options);
  if (const auto loadable = daemon.load(plans); !loadable) {
    log_error("{}", loadable.error().message);
    return loadable.error().code == Errc::invalid ? kExitBadConfig : exit_code_of(loadable.error());
  }
  log_info("unity {} starts with {} collectors, state in {}", kHostVersion, plans.size(),
           config.state_dir.string());
  if (auto opened = daemon.open(plans); !opened) return fail(opened.error());
  prepared = {};  // the plugins' images are not needed any more
  ::malloc_trim(0);
  try {
    if (daemon.run()) return daemon.exit_code();
  } catch (const std::exception& exception) {
    // Threads may still be within plugins: nothing may be destroyed under them.
    log_error("internal error: {}", exception.what());
    ::_exit(kExitFailed);
  }
  ::_exit(daemon.exit_code());
}

}  // namespace unity::host
