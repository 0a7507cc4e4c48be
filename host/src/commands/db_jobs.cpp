#include <fmt/format.h>

#include "base/table.hpp"
#include "commands/db.hpp"
#include "commands/support.hpp"
#include "unity/db/maintenance.hpp"

namespace unity::host {
namespace {

std::string to_cell(const std::optional<Time>& time) { return time ? to_rfc3339(*time) : "-"; }

json::Value to_json(const db::JobState& job) {
  return json::Object{{"job", job.job},
                      {"target", job.target},
                      {"last_started", time_or_null(job.last_started)},
                      {"last_finished", time_or_null(job.last_finished)},
                      {"last_success", time_or_null(job.last_success)},
                      {"last_status", job.last_status},
                      {"last_duration_ms",
                       job.last_duration_ms ? json::Value(*job.last_duration_ms) : json::Value()},
                      {"next_due", time_or_null(job.next_due)},
                      {"total_runs", job.total_runs},
                      {"total_failures", job.total_failures},
                      {"last_error", text_or_null(job.last_error)}};
}

}  // namespace

int db_jobs_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto jobs = db::read_jobs(database);
    if (!jobs) return report(jobs.error());
    if (options.common.json) {
      json::Array list;
      for (const auto& job : *jobs) list.push_back(to_json(job));
      print_json(json::Object{{"jobs", std::move(list)}});
      return kExitDone;
    }
    Table table({"JOB", "LAST", "STATUS", "TOOK MS", "RUNS", "FAILED", "LAST ERROR"});
    for (const auto& job : *jobs) {
      table.add({job.target.empty() ? job.job : fmt::format("{} {}", job.job, job.target),
                 to_cell(job.last_finished), job.last_status,
                 job.last_duration_ms ? fmt::to_string(*job.last_duration_ms) : "-",
                 fmt::to_string(job.total_runs), fmt::to_string(job.total_failures),
                 job.last_error.empty() ? "-" : job.last_error});
    }
    print(table.empty() ? "no job has run yet: the host runs them\n" : table.to_text());
    return kExitDone;
  });
}

}  // namespace unity::host
