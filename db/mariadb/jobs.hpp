// The table maintenance_jobs of a MariaDB database.
#pragma once

#include "maintenance/job_book.hpp"
#include "mariadb/connection.hpp"

namespace unity::db::mariadb {

class MariadbJobs final : public JobBook {
 public:
  explicit MariadbJobs(Connection& connection) : connection_(connection) {}

  Result<void> write(const JobRun& run) override;
  Result<std::vector<JobState>> read() override;
  Result<void> forget(std::string_view job, std::string_view target) override;

 private:
  Connection& connection_;
};

}  // namespace unity::db::mariadb
