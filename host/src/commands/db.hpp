// `unity db ...`: the schema of a database.
#pragma once

#include <string>

#include "commands/commands.hpp"

namespace unity::host {

struct DbOptions {
  CommonOptions common;
  bool verbose = false;
  bool allow_data_loss = false;
  std::string target;    // "head", "base", "4", "+1", "-1"
  std::string range;     // "0:4"; empty: all of it
  std::string dialect;   // a type of database; empty: the configured one's
  int seq = 0;           // repair: the migration
  std::string reason;    // repair: why
  bool force = false;    // seed: also beside other data
  std::size_t top = 10;  // report: how long its lists are
};

int db_current_command(const DbOptions& options);
int db_history_command(const DbOptions& options);
int db_plan_command(const DbOptions& options);
int db_upgrade_command(const DbOptions& options);
int db_downgrade_command(const DbOptions& options);
int db_stamp_command(const DbOptions& options);
int db_check_command(const DbOptions& options);
int db_jobs_command(const DbOptions& options);
int db_lint_command(const DbOptions& options);
int db_verify_command(const DbOptions& options);
int db_repair_command(const DbOptions& options);
int db_test_command(const DbOptions& options);
int db_init_command(const DbOptions& options);
int db_seed_command(const DbOptions& options);
int db_health_command(const DbOptions& options);
int db_report_command(const DbOptions& options);
int db_sql_command(const DbOptions& options);

}  // namespace unity::host
