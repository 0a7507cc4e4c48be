#include "app/run_daemon.hpp"
#include "commands/support.hpp"
#include "log/log.hpp"

namespace unity::host {

int run_command(const CommonOptions& common, bool live) {
  auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  LogLevel level = LogLevel::info;
  parse_log_level(loaded->config->log_level, level);
  start_logging(level);
  return run_daemon(std::move(*loaded), {common.config, live});
}

}  // namespace unity::host
