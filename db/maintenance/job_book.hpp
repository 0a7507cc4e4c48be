// The table maintenance_jobs: what every job did last, in the same form in every database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"
#include "unity/db/maintenance.hpp"

namespace unity::db {

struct JobRun {
  std::string_view job;
  std::string_view target;
  Time started{};
  Time finished{};
  Time next_due{};
  std::string_view error;  // empty: it succeeded
};

class JobBook {
 public:
  virtual ~JobBook() = default;

  // Counts it.
  virtual Result<void> write(const JobRun& run) = 0;
  virtual Result<std::vector<JobState>> read() = 0;
  // What a job did to a target that it no longer has. No such row: nothing.
  virtual Result<void> forget(std::string_view job, std::string_view target) = 0;
};

}  // namespace unity::db
