#include "sqlite/jobs.hpp"

#include "maintenance/job_rows.hpp"
#include "sqlite/statement_row.hpp"

namespace unity::db {
Result<void> SqliteJobs::write(const JobRun& run) {
  constexpr std::string_view doing = "note a job in";
  auto statement = connection_.prepare(
      "INSERT INTO maintenance_jobs AS j (" UNITY_JOB_COLUMNS
      ") "
      "VALUES (?1, ?2, ?3, ?4, iif(?6 IS NULL, ?4, NULL), iif(?6 IS NULL, 'success', 'failed'), "
      "(?4 - ?3) / 1000, ?5, 1, ?6 IS NOT NULL, ?6) "
      "ON CONFLICT (job, target) DO UPDATE SET last_started = excluded.last_started, "
      "last_finished = excluded.last_finished, "
      "last_success = coalesce(excluded.last_success, j.last_success), "
      "last_status = excluded.last_status, last_duration_ms = excluded.last_duration_ms, "
      "next_due = excluded.next_due, total_runs = j.total_runs + 1, "
      "total_failures = j.total_failures + excluded.total_failures, "
      "last_error = coalesce(excluded.last_error, j.last_error)",
      doing);
  if (!statement) return std::move(statement).error();
  const auto error = run.error.empty() ? std::nullopt : std::optional(run.error);
  statement->bind(run.job, run.target, run.started, run.finished, run.next_due, error);
  return connection_.run(*statement, doing);
}

Result<std::vector<JobState>> SqliteJobs::read() {
  constexpr std::string_view doing = "read the jobs of";
  auto rows = connection_.prepare(
      "SELECT " UNITY_JOB_COLUMNS " FROM maintenance_jobs ORDER BY job, target", doing);
  if (!rows) return std::move(rows).error();
  return read_all(connection_, *rows, doing, [](auto in) { return read_job(in); });
}

Result<void> SqliteJobs::forget(std::string_view job, std::string_view target) {
  constexpr std::string_view doing = "forget a job of";
  auto statement =
      connection_.prepare("DELETE FROM maintenance_jobs WHERE job = ? AND target = ?", doing);
  if (!statement) return std::move(statement).error();
  statement->bind(job, target);
  return connection_.run(*statement, doing);
}

}  // namespace unity::db
