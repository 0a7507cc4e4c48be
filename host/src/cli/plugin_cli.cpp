// The command line of `unity plugin`.
#include <filesystem>
#include <memory>
#include <vector>

#include "cli/options.hpp"

namespace unity::host {
namespace {

// What the options are parsed into; lives as long as the command line.
struct PluginCli {
  CommonOptions common;
  std::vector<std::filesystem::path> dirs;
  std::filesystem::path inspected;
  PluginRunOptions run;
  PluginNewOptions created;
  PluginCheckOptions check;
  std::string released;
};
using In = std::shared_ptr<PluginCli>;

void add_new(CLI::App& plugin, const In& in, Command& chosen) {
  auto* app = add_command(plugin, "new", "Make a project that builds, tests and packages a plugin");
  app->add_option("DIR", in->created.folder, "The folder to make; its name is the plugin's")
      ->required();
  app->add_option("--lang", in->created.language, "c++, c or rust")
      ->check(CLI::IsMember({"c++", "c", "rust"}))
      ->capture_default_str();
  app->add_flag("--streaming", in->created.streaming,
                "A collector that pushes records, instead of one that is called at an interval");
  app->add_option("--id", in->created.id, "The plugin's id; default: example.NAME");
  app->callback([in, &chosen] { chosen = [in] { return plugin_new_command(in->created); }; });
}

void add_list(CLI::App& plugin, const In& in, Command& chosen) {
  auto* app = add_command(plugin, "list", "List the plugins in the configured or bundled folders");
  take_config(app, in->common);
  app->add_option("--dir", in->dirs, "Search this folder instead (repeatable)");
  take_json(app, in->common.json);
  app->callback(
      [in, &chosen] { chosen = [in] { return plugin_list_command(in->common, in->dirs); }; });
}

void add_inspect(CLI::App& plugin, const In& in, Command& chosen) {
  auto* app = add_command(plugin, "inspect", "Show a plugin's manifest without running the plugin");
  app->add_option("FILE.so", in->inspected, "The plugin")->required();
  take_json(app, in->common.json);
  app->callback([in, &chosen] {
    chosen = [in] { return plugin_inspect_command(in->inspected, in->common.json); };
  });
}

void add_run(CLI::App& plugin, const In& in, Command& chosen) {
  auto* app =
      add_command(plugin, "run", "Run one collector and print what it emits, as it emits it");
  app->add_option("FILE.so", in->run.file, "The plugin")->required();
  app->add_option("--instance-config", in->run.instance_config,
                  "YAML or JSON file with the collector's options");
  app->add_option("--collector", in->run.collector, "Which, if the plugin has several");
  app->add_option("--secret", in->run.secrets,
                  "NAME=FILE: a secret that the options name (repeatable)");
  app->add_flag("--once", in->run.once, "Run once instead of at the collector's interval");
  take_json(app, in->run.json);
  app->callback([in, &chosen] { chosen = [in] { return plugin_run_command(in->run); }; });
}

void add_check(CLI::App& plugin, const In& in, Command& chosen) {
  auto& options = in->check;
  auto* app = add_command(
      plugin, "check", "Check a plugin against every rule of the ABI; leaves with 3 if one fails");
  app->add_option("FILE.so", options.file, "The plugin");
  app->add_flag("--list", options.list, "Only show the rules");
  take_json(app, options.json);
  app->add_option("--junit", options.junit, "Write the results to this file as JUnit XML");
  app->add_option("--only", options.only, "Only these rules: by id, name or group (A, elf)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app->add_option("--exclude", options.exclude, "Not these rules")
      ->delimiter(',')
      ->allow_extra_args(false);
  app->add_option("--seed", options.seed, "Of all that is random; default: another each time");
  app->add_option("--reproduce", options.reproduce, "Run exactly the random scenario of this seed");
  app->add_option("--fuzz", options.fuzz, "Try random scenarios for so long, such as 10m");
  app->add_flag("--strict", options.strict, "A warning is a failure");
  app->add_option("--config", options.config,
                  "JSON file with the collector's options, or with those of each by its name");
  app->callback([in, &chosen] { chosen = [in] { return plugin_check_command(in->check); }; });
}

void add_quarantine(CLI::App& plugin, const In& in, Command& chosen) {
  auto* quarantine = add_command(plugin, "quarantine", "Plugin files that are not run any more");
  quarantine->require_subcommand(1);

  auto* list =
      add_command(*quarantine, "list", "Show them, and those that have offended, with why");
  take_config(list, in->common);
  take_json(list, in->common.json);
  list->callback([in, &chosen] { chosen = [in] { return quarantine_list_command(in->common); }; });

  auto* release = add_command(*quarantine, "release", "Let a running host run one again");
  release->add_option("PLUGIN", in->released, "Its id, or the beginning of its hash")->required();
  take_config(release, in->common);
  release->callback([in, &chosen] {
    chosen = [in] { return quarantine_release_command(in->common, in->released); };
  });
}

}  // namespace

void add_plugin_commands(CLI::App& root, Command& chosen) {
  auto* plugin = add_command(root, "plugin", "Look at plugins, try them, and begin new ones");
  plugin->require_subcommand(1);
  const auto in = std::make_shared<PluginCli>();
  add_list(*plugin, in, chosen);
  add_inspect(*plugin, in, chosen);
  add_run(*plugin, in, chosen);
  add_new(*plugin, in, chosen);
  add_check(*plugin, in, chosen);
  add_quarantine(*plugin, in, chosen);
}

}  // namespace unity::host
