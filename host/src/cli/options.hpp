// What the files that describe the command line share. Only they see CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "commands/commands.hpp"

namespace unity::host {

// The command that was chosen, to be run when everything is parsed.
using Command = std::function<int()>;

inline CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& help) {
  auto* app = parent.add_subcommand(name, help);
  app->fallthrough(false);
  return app;
}
inline void take_config(CLI::App* app, CommonOptions& common) {
  app->add_option("-c,--config", common.config, "The host's configuration file")
      ->capture_default_str();
}
inline void take_storage(CLI::App* app, CommonOptions& common) {
  app->add_option("--storage", common.storage, "Which, by its id; the first if not given");
}
inline void take_json(CLI::App* app, bool& json) {
  app->add_flag("--json", json, "Print JSON instead of a table");
}

// `unity query ...`
void add_query_commands(CLI::App& root, Command& chosen);
// `unity plugin ...`
void add_plugin_commands(CLI::App& root, Command& chosen);
// `unity db ...`
void add_db_commands(CLI::App& root, Command& chosen);
// The "-2" of `db downgrade -2` in a way that the command line can be parsed. The words after
// "unity".
void spell_steps_back(std::vector<std::string>& words);
// `unity export`, `unity import`
void add_transfer_commands(CLI::App& root, Command& chosen);
// `unity dataset ...`
void add_dataset_commands(CLI::App& root, Command& chosen);

}  // namespace unity::host
