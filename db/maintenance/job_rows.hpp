// The columns of maintenance_jobs, and how a row of them is read.
#pragma once

#include "unity/db/maintenance.hpp"

namespace unity::db {

#define UNITY_JOB_COLUMNS                                    \
  "job, target, last_started, last_finished, last_success, " \
  "last_status, last_duration_ms, next_due, total_runs, "    \
  "total_failures, last_error"

// `In`: RowValues of these columns.
template <class In>
JobState read_job(In in) {
  JobState job;
  job.job = in.text();
  job.target = in.text();
  job.last_started = in.time_or_null();
  job.last_finished = in.time_or_null();
  job.last_success = in.time_or_null();
  job.last_status = in.text();
  job.last_duration_ms = in.integer_or_null();
  job.next_due = in.time_or_null();
  job.total_runs = in.integer();
  job.total_failures = in.integer();
  job.last_error = in.text();
  return job;
}

}  // namespace unity::db
