// Keeps a database in order beside whoever writes to it: computes rollups of hours and days, and
// has what is old forgotten.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/db/open.hpp"
#include "unity/db/retention.hpp"

namespace unity::db {

// A row of maintenance_jobs.
struct JobState {
  std::string job;     // "rollup", "retention"
  std::string target;  // a table, or empty
  std::optional<Time> last_started;
  std::optional<Time> last_finished;
  std::optional<Time> last_success;
  std::string last_status;  // "never", "success", "failed"
  std::optional<std::int64_t> last_duration_ms;
  std::optional<Time> next_due;
  std::int64_t total_runs = 0;
  std::int64_t total_failures = 0;
  std::string last_error;  // of the last failure; empty if there was none
};

// Has a session of its own. One thread.
class Maintenance {
 public:
  virtual ~Maintenance() = default;

  // Does a piece of what is due, and notes it in maintenance_jobs. True if there is more to do at
  // once. Of several hosts that share a database, one works and the others find nothing to do.
  // An error is told when there is no more to do at once; what one part knows and has to do
  // outlives the failure of another, and a session that is lost is opened again with the next call.
  // Returns soon after `stop` is set; what was not finished is done the next time.
  virtual Result<bool> work(Time now, const std::atomic<bool>& stop) = 0;
};

// How often work() is worth being called when there is nothing to do.
inline constexpr std::chrono::minutes kMaintenancePause{1};

// Whether a job has missed three of its turns: then nobody does it.
bool is_overdue(const JobState& job, Time now);

// Null: a database of this type needs none.
// `aging` is what grows old: see aging_tables(). Beside it, only rows of datasets are forgotten,
// each as its declaration says.
Result<std::unique_ptr<Maintenance>> open_maintenance(const DatabaseConfig& config,
                                                      const std::vector<AgingTable>& aging);

// By job and target.
Result<std::vector<JobState>> read_jobs(const DatabaseConfig& config);

}  // namespace unity::db
