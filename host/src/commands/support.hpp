// What several commands do in the same way.
#pragma once

#include <optional>

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {

// Reads the configuration and prints what is wrong or worth a warning with it. Empty after errors:
// leave with kExitBadConfig.
std::optional<LoadOutcome> load_and_report(const CommonOptions& common);

// The state folder, for commands that ask the running host: it may well run while its file has
// mistakes, which is then only said. Empty if not even that is known: leave with kExitBadConfig.
std::optional<std::filesystem::path> find_state_dir(const CommonOptions& common);

// The storage that --storage names, or the first. Errc::not_found if there is none of that name.
Result<const StorageConfig*> find_storage(const Config& config, const CommonOptions& common);

// Prints the message of an error and returns the exit code that fits.
int report(const Error& error);
// The same where the command line is what is wrong.
int report_usage(const Error& error);

// Members that may be missing are null.
json::Value text_or_null(const std::string& text);
json::Value time_or_null(const std::optional<Time>& time);

void print(const std::string& text);
void print_json(const json::Value& value);

// Loads the configuration, finds the storage and calls `act` with both; returns the exit code.
template <class Act>
int with_storage(const CommonOptions& common, Act act) {
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  const auto storage = find_storage(*loaded->config, common);
  if (!storage) return report_usage(storage.error());
  return act(*loaded->config, **storage);
}

// The same with the storage's database alone.
template <class Act>
int with_database(const CommonOptions& common, Act act) {
  return with_storage(common, [&](const Config&, const StorageConfig& storage) -> int {
    return act(storage.database);
  });
}

}  // namespace unity::host
