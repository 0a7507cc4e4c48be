#include "commands/support.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>

namespace unity::host {

std::optional<LoadOutcome> load_and_report(const CommonOptions& common) {
  auto outcome = load_config(common.config, process_environment());
  std::cerr << render(outcome.diagnostics, outcome.sources);
  if (!outcome.config) return std::nullopt;
  return outcome;
}

std::optional<std::filesystem::path> find_state_dir(const CommonOptions& common) {
  const auto outcome = load_config(common.config, process_environment());
  if (!outcome.state_dir) {
    std::cerr << render(outcome.diagnostics, outcome.sources);
  } else if (!outcome.config) {
    std::cerr << "warning: " << common.config.string()
              << " has mistakes; `unity check-config` shows them\n";
  }
  return outcome.state_dir;
}

Result<const StorageConfig*> find_storage(const Config& config, const CommonOptions& common) {
  if (common.storage.empty()) return &config.storages.front();
  if (const auto* storage = config.find_storage(common.storage)) return storage;
  std::vector<std::string> ids;
  for (const auto& storage : config.storages) ids.push_back(storage.id);
  return Error{Errc::not_found, fmt::format("there is no storage \"{}\"; the configuration has: {}",
                                            common.storage, fmt::join(ids, ", "))};
}

int report(const Error& error) {
  std::cerr << "unity: " << error.message << "\n";
  return exit_code_of(error);
}

int report_usage(const Error& error) {
  report(error);
  return kExitUsage;
}

json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value() : json::Value(text);
}

json::Value time_or_null(const std::optional<Time>& time) {
  return time ? json::Value(to_rfc3339(*time)) : json::Value();
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_json(const json::Value& value) { print(json::dump(value, json::Style::pretty) + "\n"); }

}  // namespace unity::host
