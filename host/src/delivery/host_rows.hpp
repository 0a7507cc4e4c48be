// What the host itself has to say to one database: its plugins, their state and the audit. It waits
// here, in memory and bounded, until the storage's writer has time for it.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "unity/core/engine/service_meter.hpp"
#include "unity/core/ports/audit.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::host {

struct AuditRows {
  std::vector<CollectionAudit> collections;
  std::vector<ServicePerformance> performance;

  bool empty() const { return collections.empty() && performance.empty(); }
};

class HostRows {
 public:
  // `host` is the name of this one in the tables.
  HostRows(const std::string& host, const std::string& storage);

  // Any thread. Plugins and states take the place of those that wait.
  void register_plugins(std::vector<PluginInfo> plugins);
  void declare_datasets(std::vector<DatasetSpec> datasets);
  void update_status(std::vector<PluginStatus> status);
  void write_audit(const AuditRows& rows);
  std::uint64_t audit_rows_lost() const;  // for lack of room
  std::vector<DatasetState> datasets() const;

  // The rest is for the writer's thread.
  void wrote(const Operation& operation);  // a write of records, for the audit
  // Each: false if there is nothing to store. After an error, it is there still.
  Result<bool> store_plugins(Catalog& catalog);
  // What is wrong with a dataset is in its state, and no error. While one is blocked, all are
  // declared again, after a minute and ever less often: somebody may have granted what was missing.
  Result<bool> store_datasets(Catalog& catalog, Instant now);
  bool store_status(Catalog& catalog);
  Result<bool> store_audit(Audit& audit, bool all);  // of its own writes, minutes that are over

 private:
  const std::string storage_;
  // The writer's thread.
  ServiceMeter meter_;
  std::optional<std::vector<DatasetSpec>> blocked_;  // some of these were
  Duration pause_{};
  Instant try_again_at_{};

  mutable std::mutex mutex_;  // of all below
  std::vector<PluginInfo> plugins_;
  std::optional<std::vector<DatasetSpec>> declared_;
  std::vector<DatasetState> datasets_;
  std::vector<PluginStatus> status_;
  AuditRows audit_;
  std::uint64_t audit_rows_lost_ = 0;
};

}  // namespace unity::host
