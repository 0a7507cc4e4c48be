#include "mariadb/maintenance.hpp"

#include "mariadb/dataset_registry.hpp"
#include "mariadb/jobs.hpp"
#include "mariadb/retention.hpp"
#include "mariadb/rollups.hpp"

namespace unity::db::mariadb {
namespace {

class MariadbMaintenance final : public MaintenanceSession {
 public:
  explicit MariadbMaintenance(Connection connection) : connection_(std::move(connection)) {}

  bool is_lost() const override { return connection_.is_lost(); }
  JobBook& jobs() override { return jobs_; }
  RollupStore& rollups() override { return *rollups_; }
  RetentionStore& retention() override { return retention_; }
  DatasetRegistry& datasets() override { return datasets_; }

 private:
  Connection connection_;  // first: the others refer to it
  MariadbJobs jobs_{connection_};
  std::unique_ptr<RollupStore> rollups_ = make_rollups(connection_);
  MariadbRetention retention_{connection_};
  MariadbDatasetRegistry datasets_{connection_};
};

}  // namespace

Result<std::unique_ptr<MaintenanceSession>> open_maintenance(const ServerConfig& config) {
  auto connection = Connection::open(config);
  if (!connection) return std::move(connection).error();
  return std::unique_ptr<MaintenanceSession>(
      std::make_unique<MariadbMaintenance>(std::move(*connection)));
}

}  // namespace unity::db::mariadb
