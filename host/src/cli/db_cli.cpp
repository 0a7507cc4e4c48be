// The command line of `unity db`.
#include <fmt/format.h>

#include <memory>

#include "cli/options.hpp"
#include "commands/db.hpp"

namespace unity::host {
namespace {

using In = std::shared_ptr<DbOptions>;  // lives as long as the command line

CLI::App* add(CLI::App& db, const In& in, Command& chosen, const std::string& name,
              const std::string& help, int (*command)(const DbOptions&)) {
  auto* app = add_command(db, name, help);
  take_config(app, in->common);
  take_storage(app, in->common);
  app->callback([in, command, &chosen] { chosen = [in, command] { return command(*in); }; });
  return app;
}

constexpr const char* kStepsBack = "--steps-back";  // what "-2" becomes, which is no option's name

}  // namespace

void spell_steps_back(std::vector<std::string>& words) {
  if (words.size() < 2 || words[0] != "db" || words[1] != "downgrade") return;
  for (auto& word : words) {
    const bool is_steps =
        word.size() > 1 && word[0] == '-' && word.find_first_not_of("0123456789", 1) == word.npos;
    if (is_steps) word = fmt::format("{}={}", kStepsBack, word);
  }
}

void add_db_commands(CLI::App& root, Command& chosen) {
  auto* db = add_command(root, "db", "Look after the database's schema");
  db->require_subcommand(1);
  const auto in = std::make_shared<DbOptions>();

  auto* current = add(*db, in, chosen, "current",
                      "Show which migrations are applied and which are not", db_current_command);
  take_json(current, in->common.json);
  auto* history = add(*db, in, chosen, "history", "The migrations of this version of unity",
                      db_history_command);
  history->add_flag("-v,--verbose", in->verbose, "With what each of them does");
  take_json(history, in->common.json);
  auto* plan =
      add(*db, in, chosen, "plan", "Show what `upgrade` would do, and do nothing", db_plan_command);
  plan->add_option("TARGET", in->target, "head (default), a number, or +N");
  take_json(plan, in->common.json);
  auto* upgrade = add(*db, in, chosen, "upgrade", "Apply the migrations that are not applied yet",
                      db_upgrade_command);
  upgrade->add_option("TARGET", in->target, "head (default), a number, or +N");
  take_json(upgrade, in->common.json);
  auto* downgrade = add(*db, in, chosen, "downgrade", "Take migrations back, the last one first",
                        db_downgrade_command);
  auto* target =
      downgrade->add_option("TARGET", in->target, "base, a number that stays applied, or -N");
  downgrade->add_option(kStepsBack, in->target)->group("")->excludes(target);
  downgrade->add_flag("--allow-data-loss", in->allow_data_loss,
                      "Also if tables or columns go, with what is in them");
  take_json(downgrade, in->common.json);
  auto* stamp =
      add(*db, in, chosen, "stamp", "Note that the schema is at a migration; refused unless it is",
          db_stamp_command);
  stamp->add_option("TARGET", in->target, "head, base or a number")->required();
  take_json(stamp, in->common.json);
  auto* check =
      add(*db, in, chosen, "check",
          "Compare the database with what its migrations make; leaves with 3 if they differ",
          db_check_command);
  take_json(check, in->common.json);
  auto* verify = add(*db, in, chosen, "verify",
                     "Look at each object of each applied migration; leaves with 3 if one is not "
                     "as it should be",
                     db_verify_command);
  take_json(verify, in->common.json);
  auto* repair = add(*db, in, chosen, "repair",
                     "Mend the row of one migration in the history; refused unless the schema is "
                     "just what it should be",
                     db_repair_command);
  repair->add_option("SEQ", in->seq, "The number of the migration")->required();
  repair->add_option("--reason", in->reason, "Why: is kept in the history")->required();
  take_json(repair, in->common.json);
  auto* test = add(*db, in, chosen, "test",
                   "Connect, and try all migrations up and down in a scratch copy of the schema",
                   db_test_command);
  take_json(test, in->common.json);
  auto* init = add(*db, in, chosen, "init",
                   "Set everything up: the database if it may be created, its schema; say what "
                   "is there",
                   db_init_command);
  take_json(init, in->common.json);
  auto* seed = add_command(*db, "seed", "Load data that somebody else made up");
  seed->require_subcommand(1);
  auto* demo =
      add(*seed, in, chosen, "demo", "A day of a few metrics of three devices", db_seed_command);
  demo->add_flag("--force", in->force, "Also into a database with other data");
  take_json(demo, in->common.json);
  auto* health = add(*db, in, chosen, "health",
                     "Whether the database is as it should be, its jobs run and records arrive; "
                     "leaves with 3 if not",
                     db_health_command);
  take_json(health, in->common.json);
  auto* report =
      add(*db, in, chosen, "report", "What takes room, and what is slow", db_report_command);
  report->add_option("--top", in->top, "How many rows the lists of the greatest have")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  take_json(report, in->common.json);
  auto* jobs = add(*db, in, chosen, "jobs",
                   "What keeps the database in order: when it ran last, and whether it failed",
                   db_jobs_command);
  take_json(jobs, in->common.json);
  auto* lint = add(*db, in, chosen, "lint",
                   "What in the migrations may hurt data or hosts of another version; leaves with "
                   "3 if one does not admit it",
                   db_lint_command);
  take_json(lint, in->common.json);
  auto* sql =
      add(*db, in, chosen, "sql", "Print migrations as SQL, without a database", db_sql_command);
  sql->add_option("A:B", in->range, "From one to another, 0 is an empty database; default: 0:head");
  sql->add_option("--dialect", in->dialect,
                  "sqlite, postgresql, timescaledb or mariadb; default: as configured");
}

}  // namespace unity::host
