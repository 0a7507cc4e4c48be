// Reads the configuration: the main file, then the files of `conf.d/` beside it.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "config/config.hpp"
#include "config/environment.hpp"

namespace unity::host {

struct LoadOutcome {
  std::optional<Config> config;  // absent if there is any error
  // Where a host that runs on this file is to be found; known also if other things are wrong.
  std::optional<std::filesystem::path> state_dir;
  std::vector<Diagnostic> diagnostics;  // errors and warnings, in the order of files and lines
  Sources sources;                      // for render(), also of what is found out later
};

// Never throws on account of what the files hold.
LoadOutcome load_config(const std::filesystem::path& file, const Environment& environment);

}  // namespace unity::host
