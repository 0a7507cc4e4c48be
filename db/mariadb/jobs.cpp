#include "mariadb/jobs.hpp"

#include "base/row_values.hpp"
#include "maintenance/job_rows.hpp"

namespace unity::db::mariadb {
namespace {

// Assignments see those before them: what is counted comes from the row, not from each other.
constexpr const char* kWrite =
    "INSERT INTO maintenance_jobs (" UNITY_JOB_COLUMNS
    ") "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?) ON DUPLICATE KEY UPDATE "
    "last_started = VALUES(last_started), last_finished = VALUES(last_finished), "
    "last_success = COALESCE(VALUES(last_success), last_success), "
    "last_status = VALUES(last_status), last_duration_ms = VALUES(last_duration_ms), "
    "next_due = VALUES(next_due), total_runs = total_runs + 1, "
    "total_failures = total_failures + VALUES(total_failures), "
    "last_error = COALESCE(VALUES(last_error), last_error)";
constexpr const char* kRead =
    "SELECT " UNITY_JOB_COLUMNS " FROM maintenance_jobs ORDER BY job, target";
constexpr const char* kForget = "DELETE FROM maintenance_jobs WHERE job = ? AND target = ?";

}  // namespace

Result<void> MariadbJobs::write(const JobRun& run) {
  const bool failed = !run.error.empty();
  const auto error = failed ? std::optional(run.error) : std::nullopt;
  const auto success = failed ? std::nullopt : std::optional(run.finished);
  const std::int64_t took = (run.finished - run.started) / std::chrono::milliseconds(1);
  auto done = connection_.query(
      kWrite,
      Parameters(run.job, run.target, run.started, run.finished, success,
                 failed ? "failed" : "success", took, run.next_due, failed ? 1 : 0, error),
      "note a job in");
  if (!done) return std::move(done).error();
  return {};
}

Result<std::vector<JobState>> MariadbJobs::read() {
  auto rows = connection_.query(kRead, Parameters(), "read the jobs of");
  if (!rows) return std::move(rows).error();
  return read_all(*rows, [](auto in) { return read_job(in); });
}

Result<void> MariadbJobs::forget(std::string_view job, std::string_view target) {
  auto done = connection_.query(kForget, Parameters(job, target), "forget a job of");
  if (!done) return std::move(done).error();
  return {};
}

}  // namespace unity::db::mariadb
