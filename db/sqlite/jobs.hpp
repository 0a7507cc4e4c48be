// The table maintenance_jobs of an SQLite file.
#pragma once

#include "maintenance/job_book.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

class SqliteJobs final : public JobBook {
 public:
  explicit SqliteJobs(Connection& connection) : connection_(connection) {}

  Result<void> write(const JobRun& run) override;
  Result<std::vector<JobState>> read() override;
  Result<void> forget(std::string_view job, std::string_view target) override;

 private:
  Connection& connection_;
};

}  // namespace unity::db
