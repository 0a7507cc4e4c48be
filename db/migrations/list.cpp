#include "migrations/list.hpp"

#include "migrations/0001_registry.hpp"
#include "migrations/0002_metrics.hpp"
#include "migrations/0003_audit.hpp"

namespace unity::db {
namespace {

constexpr Migration kMigrations[] = {kRegistryMigration, kMetricsMigration, kAuditMigration};

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
