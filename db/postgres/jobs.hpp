// The table maintenance_jobs of a PostgreSQL database.
#pragma once

#include "maintenance/job_book.hpp"
#include "postgres/connection.hpp"

namespace unity::db::postgres {

class PostgresJobs final : public JobBook {
 public:
  explicit PostgresJobs(Connection& connection) : connection_(connection) {}

  Result<void> write(const JobRun& run) override;
  Result<std::vector<JobState>> read() override;
  Result<void> forget(std::string_view job, std::string_view target) override;

 private:
  Connection& connection_;
};

}  // namespace unity::db::postgres
