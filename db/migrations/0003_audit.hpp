// What the host did: data_collection_audit, service_performance_metrics.
#pragma once

#include "migrate/ops.hpp"

namespace unity::db {

std::span<const Op> audit_ops();
inline constexpr Migration kAuditMigration{3, "audit", audit_ops};

}  // namespace unity::db
