// What the host remembers of its own work until the storages have it: rows of the audit of
// collections and, by the minute, of the performance of collecting.
#pragma once

#include "delivery/storage_writer.hpp"
#include "unity/core/engine/audit_trail.hpp"
#include "unity/core/engine/service_meter.hpp"

namespace unity::host {

// Used on the control thread.
class AuditKeeper {
 public:
  AuditKeeper(const std::string& host, Time started) : trail_(host), meter_(host, started) {}

  void ran(const RunFacts& facts, Time now);
  AuditRows take(Time now);  // what is complete
  AuditRows take_all();      // at the end
  std::uint64_t lost() const { return trail_.lost(); }

 private:
  AuditTrail trail_;
  ServiceMeter meter_;
};

}  // namespace unity::host
