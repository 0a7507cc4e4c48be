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

// The database of the storage that --storage names, or of the first. Errc::not_found if there is
// none of that name.
Result<db::DatabaseConfig> find_database(const Config& config, const CommonOptions& common);

// Prints the message of an error and returns the exit code that fits.
int report(const Error& error);

void print(const std::string& text);
void print_json(const json::Value& value);

}  // namespace unity::host
