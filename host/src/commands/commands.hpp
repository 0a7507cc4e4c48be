// What each command of the CLI does. Each returns an exit code, prints data on standard output
// and everything else on standard error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/exit_code.hpp"

namespace unity::host {

// Options that most commands share.
struct CommonOptions {
  std::filesystem::path config = "/etc/unity/unity.yaml";
  bool json = false;
  std::string storage;  // which, for the commands that look into one; empty: the first
};

int run_command(const CommonOptions& common, bool live);
int check_config_command(const CommonOptions& common);
int reload_command(const CommonOptions& common, bool dry_run);
// `instance`: only this one, in detail; empty: the whole host.
int status_command(const CommonOptions& common, const std::string& instance);

// About one collector of the running host.
struct RunNowOptions {
  std::string instance;
  std::string if_older;  // a duration; empty: run it in any case
};
int run_now_command(const CommonOptions& common, const RunNowOptions& options);
int pause_command(const CommonOptions& common, const std::string& instance);
int resume_command(const CommonOptions& common, const std::string& instance);

// `dirs` are searched instead of those of the configuration, if there are any.
int plugin_list_command(const CommonOptions& common,
                        const std::vector<std::filesystem::path>& dirs);
int plugin_inspect_command(const std::filesystem::path& file, bool json);

struct PluginRunOptions {
  std::filesystem::path file;
  std::optional<std::filesystem::path> instance_config;
  std::string collector;  // empty: the only one
  bool once = false;
  bool json = false;
  std::vector<std::string> secrets;  // NAME=FILE
};
int plugin_run_command(const PluginRunOptions& options);

// A project for a new plugin, from a template.
struct PluginNewOptions {
  std::filesystem::path folder;  // its name is the plugin's
  std::string language = "c++";  // or "c", "rust"
  bool streaming = false;
  std::string id;  // empty: "example." and the name
};
int plugin_new_command(const PluginNewOptions& options);
struct PluginCheckOptions {
  std::filesystem::path file;
  bool list = false;  // only show the rules
  bool json = false;
  std::filesystem::path junit;  // empty: none
  std::vector<std::string> only;
  std::vector<std::string> exclude;
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> reproduce;
  std::string fuzz;  // a duration; empty: a fixed number of scenarios
  bool strict = false;
  std::filesystem::path config;  // options of the collectors, JSON; empty: made from the schema
};
int plugin_check_command(const PluginCheckOptions& options);

// What is in quarantine, from the state folder: no host is needed.
int quarantine_list_command(const CommonOptions& common);
int quarantine_release_command(const CommonOptions& common, const std::string& what);

struct PipelineTestOptions {
  std::string instance;
  std::filesystem::path records;  // as emitted, one a line; an empty line ends a run
  std::filesystem::path expect;   // empty: print what comes out
};
int pipeline_test_command(const CommonOptions& common, const PipelineTestOptions& options);

struct ExprOptions {
  std::string text;
  std::string record;  // a file, or "-"; empty: a record without fields
  std::string plugin;  // whose manifest to check against, if any
  std::string metric;  // empty: the record's
  std::vector<std::filesystem::path> plugin_dirs;
  std::string unit;    // to convert the result to
  bool rates = false;  // counters are rates, as behind the stage `rate`
  bool json = false;
};
int expr_command(const ExprOptions& options);

// Which series, as options give them.
struct SeriesOptions {
  std::string metric;
  std::string field;
  std::string device;
  std::string plugin;
  std::string instance;
  std::vector<std::string> tags;  // "name=web"
};
int query_latest_command(const CommonOptions& common, const SeriesOptions& series);

struct RangeOptions {
  SeriesOptions series;
  std::string from = "-1h";
  std::string to = "now";
  std::size_t limit = 100'000;
  std::string step;       // empty and no aggregate: values as they are stored
  std::string aggregate;  // empty: avg
  std::size_t points = 300;
};
int query_range_command(const CommonOptions& common, const RangeOptions& range);

struct TopOptions {
  SeriesOptions series;
  std::string from = "-1h";
  std::string to = "now";
  std::string aggregate = "avg";
  std::size_t count = 10;
  bool lowest = false;
};
int query_top_command(const CommonOptions& common, const TopOptions& top);

struct TapOptions {
  std::string instance;     // empty: all
  std::string stage;        // empty: all; "read": as emitted
  std::uint64_t limit = 0;  // lines; 0: for ever
};
int tap_command(const CommonOptions& common, const TapOptions& options);

struct SpoolOptions {
  CommonOptions common;
  std::optional<std::filesystem::path> folder;  // none: `spool` in the state folder
  std::uint64_t from = 0;                       // sequence number
  std::size_t limit = 100;                      // entries
};
int spool_ls_command(const SpoolOptions& options);
int spool_verify_command(const SpoolOptions& options);
int spool_cat_command(const SpoolOptions& options);
int spool_export_command(const SpoolOptions& options);
int spool_repair_command(const SpoolOptions& options);

}  // namespace unity::host
