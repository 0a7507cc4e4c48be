// What an adapter offers to whoever keeps its database in order: one session, and these parts of
// it.
#pragma once

#include <functional>
#include <memory>

#include "datasets/registry.hpp"
#include "maintenance/job_book.hpp"
#include "retention/retention_store.hpp"
#include "rollup/rollup_store.hpp"
#include "unity/db/maintenance.hpp"

namespace unity::db {

class MaintenanceSession {
 public:
  virtual ~MaintenanceSession() = default;

  // It has ended, as when the server has: all that is asked of it fails.
  virtual bool is_lost() const = 0;

  virtual JobBook& jobs() = 0;
  virtual RollupStore& rollups() = 0;
  virtual RetentionStore& retention() = 0;
  // To be read only.
  virtual DatasetRegistry& datasets() = 0;
};

using OpenMaintenanceSession = std::function<Result<std::unique_ptr<MaintenanceSession>>()>;

// `session` is open; `open` makes another when it is lost. What the jobs know outlives sessions.
std::unique_ptr<Maintenance> maintain(std::unique_ptr<MaintenanceSession> session,
                                      OpenMaintenanceSession open,
                                      const std::vector<AgingTable>& aging);

}  // namespace unity::db
