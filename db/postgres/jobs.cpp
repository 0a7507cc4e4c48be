#include "postgres/jobs.hpp"

#include "base/row_values.hpp"
#include "maintenance/job_rows.hpp"

namespace unity::db::postgres {
namespace {

constexpr const char* kWrite =
    "INSERT INTO maintenance_jobs AS j (" UNITY_JOB_COLUMNS
    ") "
    "VALUES ($1, $2, $3, $4, CASE WHEN $6::text IS NULL THEN $4 END, "
    "CASE WHEN $6::text IS NULL THEN 'success' ELSE 'failed' END, "
    "extract(epoch FROM $4 - $3) * 1000, $5, 1, "
    "CASE WHEN $6::text IS NULL THEN 0 ELSE 1 END, $6::text) "
    "ON CONFLICT (job, target) DO UPDATE SET last_started = excluded.last_started, "
    "last_finished = excluded.last_finished, "
    "last_success = coalesce(excluded.last_success, j.last_success), "
    "last_status = excluded.last_status, last_duration_ms = excluded.last_duration_ms, "
    "next_due = excluded.next_due, total_runs = j.total_runs + 1, "
    "total_failures = j.total_failures + excluded.total_failures, "
    "last_error = coalesce(excluded.last_error, j.last_error)";
constexpr const char* kRead =
    "SELECT " UNITY_JOB_COLUMNS " FROM maintenance_jobs ORDER BY job, target";
constexpr const char* kForget = "DELETE FROM maintenance_jobs WHERE job = $1 AND target = $2";

}  // namespace

Result<void> PostgresJobs::write(const JobRun& run) {
  const auto error = run.error.empty() ? std::nullopt : std::optional(run.error);
  auto done = connection_.query(
      kWrite, Parameters(run.job, run.target, run.started, run.finished, run.next_due, error),
      "note a job in");
  if (!done) return std::move(done).error();
  return {};
}

Result<std::vector<JobState>> PostgresJobs::read() {
  auto rows = connection_.query(kRead, Parameters(), "read the jobs of");
  if (!rows) return std::move(rows).error();
  return read_all(*rows, [](auto in) { return read_job(in); });
}

Result<void> PostgresJobs::forget(std::string_view job, std::string_view target) {
  auto done = connection_.query(kForget, Parameters(job, target), "forget a job of");
  if (!done) return std::move(done).error();
  return {};
}

}  // namespace unity::db::postgres
