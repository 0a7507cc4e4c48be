#include "postgres/maintenance.hpp"

#include "postgres/dataset_registry.hpp"
#include "postgres/hypertable_retention.hpp"
#include "postgres/jobs.hpp"
#include "postgres/retention.hpp"
#include "postgres/rollups.hpp"

namespace unity::db::postgres {
namespace {

class PostgresMaintenance final : public MaintenanceSession {
 public:
  PostgresMaintenance(Connection connection, const Hypertables& hypertables)
      : connection_(std::move(connection)),
        retention_(hypertables.empty()
                       ? std::make_unique<PostgresRetention>(connection_)
                       : std::make_unique<HypertableRetention>(connection_, hypertables)) {}

  bool is_lost() const override { return connection_.is_lost(); }
  JobBook& jobs() override { return jobs_; }
  RollupStore& rollups() override { return *rollups_; }
  RetentionStore& retention() override { return *retention_; }
  DatasetRegistry& datasets() override { return datasets_; }

 private:
  Connection connection_;  // first: the others refer to it
  PostgresJobs jobs_{connection_};
  std::unique_ptr<RollupStore> rollups_ = make_rollups(connection_);
  std::unique_ptr<PostgresRetention> retention_;
  PostgresDatasetRegistry datasets_{connection_};
};

}  // namespace

Result<std::unique_ptr<MaintenanceSession>> open_maintenance(const ServerConfig& config) {
  auto connection = Connection::open(config);
  if (!connection) return std::move(connection).error();
  auto timescale = look_for_timescale(*connection);
  if (!timescale) return std::move(timescale).error();
  return std::unique_ptr<MaintenanceSession>(
      std::make_unique<PostgresMaintenance>(std::move(*connection), timescale->hypertables));
}

}  // namespace unity::db::postgres
