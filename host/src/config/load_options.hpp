// Reads a file that holds the options of one collector and nothing else: YAML or JSON.
#pragma once

#include <filesystem>
#include <optional>

#include "config/config.hpp"

namespace unity::host {

struct OptionsOutcome {
  std::optional<InstanceConfig> instance;  // with options and their places; absent after errors
  std::vector<Diagnostic> diagnostics;
  Sources sources;
};

OptionsOutcome load_options(const std::filesystem::path& file);

}  // namespace unity::host
