#include "cli/cli.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "cli/options.hpp"
#include "commands/dlq.hpp"
#include "host_version.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity::host {
namespace {

constexpr const char* kFooter = R"(
Exit codes: 0 done, 1 failed, 2 usage, 3 a check found differences, 4 refused,
69 unavailable, 75 try again, 77 not permitted, 78 bad configuration.

First steps:
  unity plugin list                      what can be collected
  unity check-config --config FILE       is the configuration right?
  unity run --config FILE --live         collect, with a screen
  unity query latest --config FILE       what has been stored)";

// Everything that the options are parsed into; the commands read it when they run.
struct Parsed {
  CommonOptions common;
  bool live = false;
  bool dry_run = false;
  PipelineTestOptions pipeline_test;
  ExprOptions expr;
  TapOptions tap;
  RunNowOptions run_now;
  std::string instance;
  DlqSelection letters;
  std::size_t letters_limit = 100;
  std::int64_t letter = 0;
  SpoolOptions spool;
  Command command;
};

void take_config(CLI::App* app, Parsed& in) { take_config(app, in.common); }

CLI::App* add(CLI::App& parent, const std::string& name, const std::string& help) {
  return add_command(parent, name, help);
}

void add_run(CLI::App& root, Parsed& in) {
  auto* run = add(root, "run", "Run the host in the foreground until SIGINT or SIGTERM");
  take_config(run, in);
  run->add_flag("--live", in.live,
                "Show what is collected on a screen; the log goes to STATE_DIR/unity.log");
  run->callback([&in] { in.command = [&in] { return run_command(in.common, in.live); }; });

  auto* check = add(root, "check-config", "Check the configuration and report every mistake");
  take_config(check, in);
  take_json(check, in.common.json);
  check->callback([&in] { in.command = [&in] { return check_config_command(in.common); }; });

  auto* reload = add(root, "reload", "Give the running host its changed configuration");
  take_config(reload, in);
  reload->add_flag("--dry-run", in.dry_run, "Only show what would change");
  take_json(reload, in.common.json);
  reload->callback([&in] { in.command = [&in] { return reload_command(in.common, in.dry_run); }; });

  auto* status = add(root, "status", "Ask the running host how it fares");
  take_config(status, in);
  status->add_option("--instance", in.instance, "One collector in detail, by its id");
  take_json(status, in.common.json);
  status->callback(
      [&in] { in.command = [&in] { return status_command(in.common, in.instance); }; });
}

void add_schedule(CLI::App& root, Parsed& in) {
  auto* run = add(root, "run-now", "Run a collector of the running host at once and wait for it");
  run->add_option("INSTANCE", in.run_now.instance, "The collector's id")->required();
  run->add_option("--if-older", in.run_now.if_older,
                  "Only if its last success is longer ago than this, such as 60s");
  take_config(run, in);
  take_json(run, in.common.json);
  run->callback([&in] { in.command = [&in] { return run_now_command(in.common, in.run_now); }; });

  auto* pause = add(root, "pause", "Take a collector out of the schedule, until resumed");
  pause->add_option("INSTANCE", in.instance, "The collector's id")->required();
  take_config(pause, in);
  take_json(pause, in.common.json);
  pause->callback([&in] { in.command = [&in] { return pause_command(in.common, in.instance); }; });

  auto* resume = add(root, "resume", "Let a paused collector run again, whatever paused it");
  resume->add_option("INSTANCE", in.instance, "The collector's id")->required();
  take_config(resume, in);
  take_json(resume, in.common.json);
  resume->callback(
      [&in] { in.command = [&in] { return resume_command(in.common, in.instance); }; });
}

void add_pipeline(CLI::App& root, Parsed& in) {
  auto* pipeline = add(root, "pipeline", "Try what the stages make of records");
  pipeline->require_subcommand(1);
  auto* test = add(*pipeline, "test", "Run recorded records through the stages of a collector");
  test->add_option("--instance", in.pipeline_test.instance, "The id of the collector")->required();
  test->add_option("--records", in.pipeline_test.records,
                   "Records as emitted, one a line; an empty line ends a run")
      ->required();
  test->add_option("--expect", in.pipeline_test.expect,
                   "What must come out, as printed without this option; exit code 3 if it differs");
  take_config(test, in);
  test->callback(
      [&in] { in.command = [&in] { return pipeline_test_command(in.common, in.pipeline_test); }; });
}

void add_expr(CLI::App& root, Parsed& in) {
  auto* expr = add(root, "expr", "Check an expression and evaluate it on a sample record");
  expr->add_option("EXPRESSION", in.expr.text, "Such as: 'available < 5 GB'")->required();
  expr->add_option("--record", in.expr.record,
                   "JSON file with one record, as emitted; - for stdin");
  expr->add_option("--plugin", in.expr.plugin, "Check against the manifest of this plugin");
  expr->add_option("--metric", in.expr.metric, "... and this metric of it; default: the record's");
  expr->add_flag("--rates", in.expr.rates, "Counters are rates per second, as behind `rate`");
  expr->add_option("--dir", in.expr.plugin_dirs, "Search plugins in this folder (repeatable)");
  expr->add_option("--unit", in.expr.unit, "Convert the result to this unit");
  take_json(expr, in.expr.json);
  expr->callback([&in] { in.command = [&in] { return expr_command(in.expr); }; });
}

void add_tap(CLI::App& root, Parsed& in) {
  auto* tap = add(root, "tap", "Watch the records of the running host, a line of JSON each");
  tap->add_option("INSTANCE", in.tap.instance, "Only of this collector");
  tap->add_option("--stage", in.tap.stage, "Only as this stage left them; \"read\": as emitted");
  tap->add_option("--limit", in.tap.limit, "End after so many lines");
  take_config(tap, in);
  tap->callback([&in] { in.command = [&in] { return tap_command(in.common, in.tap); }; });
}

void take_letter_filter(CLI::App* app, Parsed& in) {
  app->add_option("--instance", in.letters.instance, "Only of this collector");
  app->add_option("--reason", in.letters.reason, "Only with this reason");
  app->add_option("--stage", in.letters.stage,
                  "Only refused by this stage of the pipeline, or by \"storage:ID\"");
  app->add_option("--since", in.letters.since, "Refused since then: RFC 3339, or -1h");
  app->add_option("--older-than", in.letters.older_than, "Refused before that: 12h, 7d");
}

// For commands that change something: they need a filter, ids or --all.
void take_letters(CLI::App* app, Parsed& in) {
  app->add_option("ID", in.letters.ids, "These dead letters");
  take_letter_filter(app, in);
  app->add_flag("--all", in.letters.all, "Every dead letter");
  take_config(app, in);
  take_json(app, in.common.json);
}

void add_dlq(CLI::App& root, Parsed& in) {
  auto* dlq = add(root, "dlq", "Look after dead letters: records that were refused");
  dlq->require_subcommand(1);

  auto* ls = add(*dlq, "ls", "List them, the newest first");
  take_letter_filter(ls, in);
  ls->add_option("--limit", in.letters_limit, "At most so many")->capture_default_str();
  take_config(ls, in);
  take_json(ls, in.common.json);
  ls->callback([&in] {
    in.command = [&in] { return dlq_ls_command(in.common, in.letters, in.letters_limit); };
  });

  auto* show = add(*dlq, "show", "Show one with its record");
  show->add_option("ID", in.letter, "The dead letter")->required();
  take_config(show, in);
  take_json(show, in.common.json);
  show->callback([&in] { in.command = [&in] { return dlq_show_command(in.common, in.letter); }; });

  auto* replay = add(*dlq, "replay", "Have the running host take them again, and remove them");
  take_letters(replay, in);
  replay->callback(
      [&in] { in.command = [&in] { return dlq_replay_command(in.common, in.letters); }; });

  auto* purge = add(*dlq, "purge", "Remove them for good");
  take_letters(purge, in);
  purge->callback(
      [&in] { in.command = [&in] { return dlq_purge_command(in.common, in.letters); }; });
}

CLI::App* add_spool_command(CLI::App& spool, Parsed& in, const std::string& name,
                            const std::string& help, int (*command)(const SpoolOptions&)) {
  auto* app = add(spool, name, help);
  app->add_option("-c,--config", in.spool.common.config, "The host's configuration file")
      ->capture_default_str();
  app->add_option("--folder", in.spool.folder, "This spool instead of the configured one");
  app->callback([&in, command] { in.command = [&in, command] { return command(in.spool); }; });
  return app;
}

void add_spool(CLI::App& root, Parsed& in) {
  auto* spool = add(root, "spool", "Look into the durable spool, also beside a running host");
  spool->require_subcommand(1);
  auto* ls = add_spool_command(*spool, in, "ls", "Its segments, and how far each storage is",
                               spool_ls_command);
  take_json(ls, in.spool.common.json);
  auto* verify =
      add_spool_command(*spool, in, "verify", "Check every byte; leaves with 3 if there is damage",
                        spool_verify_command);
  take_json(verify, in.spool.common.json);
  auto* cat =
      add_spool_command(*spool, in, "cat", "Print entries, with their records", spool_cat_command);
  cat->add_option("--from", in.spool.from, "Begin at this sequence number")->capture_default_str();
  cat->add_option("--limit", in.spool.limit, "At most so many entries")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  auto* out = add_spool_command(*spool, in, "export", "Print every record as a line of JSON",
                                spool_export_command);
  out->add_option("--from", in.spool.from, "Begin at this sequence number")->capture_default_str();
  add_spool_command(*spool, in, "repair", "Put damaged bytes aside; only while no host runs",
                    spool_repair_command);
}

// CLI11 says only that a subcommand is required when a word is not one: name the nearest.
std::string suggestion(const CLI::App* app, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with('-')) return {};
    const auto children = app->get_subcommands([](const CLI::App*) { return true; });
    const auto next = std::find_if(children.begin(), children.end(), [&](const CLI::App* child) {
      return child->get_name() == word;
    });
    if (next != children.end()) {
      app = *next;
      continue;
    }
    std::vector<std::string> names;
    for (const auto* child : children) names.push_back(child->get_name());
    const auto near = nearest(word, names);
    if (names.empty()) return {};
    return near ? fmt::format("unknown command \"{}\"; did you mean \"{}\"?\n", word, *near)
                : fmt::format("unknown command \"{}\"; there are: {}\n", word,
                              fmt::join(names, ", "));
  }
  return {};
}

}  // namespace

int run_cli(int argc, char** argv) {
  Parsed in;
  CLI::App app("Unity: a plugin-hosting collector.", "unity");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string(kHostVersion));
  app.require_subcommand(1);
  add_run(app, in);
  add_schedule(app, in);
  add_plugin_commands(app, in.command);
  add_pipeline(app, in);
  add_tap(app, in);
  add_query_commands(app, in.command);
  add_expr(app, in);
  add_db_commands(app, in.command);
  add_transfer_commands(app, in.command);
  add_dataset_commands(app, in.command);
  add_dlq(app, in);
  add_spool(app, in);
  try {
    std::vector<std::string> words(argv + 1, argv + argc);
    spell_steps_back(words);
    std::reverse(words.begin(), words.end());  // as the parser takes them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    if (!asked) std::cerr << suggestion(&app, argc, argv);
    app.exit(error, std::cout, std::cerr);
    return asked ? kExitDone : kExitUsage;
  }
  return in.command();
}

}  // namespace unity::host
