#include "app/audit_keeper.hpp"

namespace unity::host {
namespace {

constexpr const char* kService = "collection";

}  // namespace

void AuditKeeper::ran(const RunFacts& facts, Time now) {
  trail_.add(facts, now);
  Operation operation;
  operation.took = facts.took;
  operation.cached = facts.fresh;
  operation.bytes = facts.bytes;
  if (!succeeded(facts.outcome)) {
    operation.error_class = to_text(facts.outcome);
    operation.error = facts.message;
  }
  meter_.add(kService, operation, now);
}

AuditRows AuditKeeper::take(Time now) { return {trail_.take(now), meter_.take(now)}; }
AuditRows AuditKeeper::take_all() { return {trail_.take_all(), meter_.take_all()}; }

}  // namespace unity::host
