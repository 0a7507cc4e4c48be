#include "migrations/list.hpp"

#include "migrations/0001_registry.hpp"
#include "migrations/0002_metrics.hpp"
#include "migrations/0003_audit.hpp"
#include "migrations/0004_compatibility.hpp"
#include "migrations/0005_rollups.hpp"
#include "migrations/0006_alerts.hpp"
#include "migrations/0007_events.hpp"
#include "migrations/0008_configuration.hpp"
#include "migrations/0009_profiles.hpp"
#include "migrations/0010_datasets.hpp"
#include "migrations/0011_aggregates.hpp"

namespace unity::db {
namespace {

constexpr Migration kMigrations[] = {
    kRegistryMigration, kMetricsMigration,  kAuditMigration,     kCompatibilityMigration,
    kRollupsMigration,  kAlertsMigration,   kEventsMigration,    kConfigurationMigration,
    kProfilesMigration, kDatasetsMigration, kAggregatesMigration};

constexpr bool numbered_without_gaps() {
  int seq = 0;
  for (const auto& migration : kMigrations) {
    if (migration.seq != ++seq) return false;
  }
  return true;
}
static_assert(numbered_without_gaps(), "migrations are numbered 1, 2, 3 …, each number once");

}  // namespace

Migrations all_migrations() { return kMigrations; }

}  // namespace unity::db
