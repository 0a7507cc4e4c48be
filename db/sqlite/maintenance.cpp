#include "sqlite/maintenance.hpp"

#include "sqlite/dataset_registry.hpp"
#include "sqlite/jobs.hpp"
#include "sqlite/retention.hpp"
#include "sqlite/rollups.hpp"

namespace unity::db {
namespace {

class SqliteMaintenance final : public MaintenanceSession {
 public:
  SqliteMaintenance(Connection connection, FileLock lock)
      : connection_(std::move(connection)), lock_(std::move(lock)) {}

  bool is_lost() const override { return false; }  // a file stays open
  JobBook& jobs() override { return jobs_; }
  RollupStore& rollups() override { return *rollups_; }
  RetentionStore& retention() override { return retention_; }
  DatasetRegistry& datasets() override { return datasets_; }

 private:
  Connection connection_;  // first, with the lock: the others refer to them
  FileLock lock_;
  SqliteJobs jobs_{connection_};
  std::unique_ptr<RollupStore> rollups_ = make_sqlite_rollups(connection_, lock_);
  SqliteRetention retention_{connection_};
  SqliteDatasetRegistry datasets_{&connection_};
};

}  // namespace

Result<std::unique_ptr<MaintenanceSession>> open_sqlite_maintenance(const DatabaseConfig& config) {
  auto lock = FileLock::open(config.path, ".jobs.lock");
  if (!lock) return std::move(lock).error();
  auto connection = Connection::open(config.path, OpenMode::read_write);
  if (!connection) return std::move(connection).error();
  return std::unique_ptr<MaintenanceSession>(
      std::make_unique<SqliteMaintenance>(std::move(*connection), std::move(*lock)));
}

}  // namespace unity::db
