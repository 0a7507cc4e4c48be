// The rows of the audit as PostgreSQL takes and gives them.
#pragma once

#include "postgres/copy_data.hpp"
#include "postgres/rows.hpp"
#include "unity/core/ports/audit.hpp"

namespace unity::db::postgres {

// The columns of the functions below, in their order; data_collection_audit has first its device:
// the id where rows are appended, the hostname where they are read.
#define UNITY_COLLECTION_COLUMNS                                                             \
  "time, operation_id, data_type, collection_method, collection_source, force_refresh, "     \
  "cache_hit, operations, duration_ms, cpu_us, ssh_command_count, data_size_bytes, status, " \
  "error_message, warnings, records_created, records_updated, freshness_threshold"
#define UNITY_PERFORMANCE_COLUMNS                                                             \
  "instance_id, service_name, time, operations_total, operations_successful, "                \
  "operations_failed, operations_cached, avg_duration_ms, max_duration_ms, min_duration_ms, " \
  "ssh_connections_created, ssh_connections_reused, ssh_commands_executed, cache_hit_ratio, " \
  "cache_size_entries, cache_evictions, data_collected_bytes, database_writes, error_types, " \
  "top_errors"

void append_row(CopyData& copy, const CollectionAudit& row, std::int64_t device_id);
void append_row(CopyData& copy, const ServicePerformance& row);

CollectionAudit read_collection(const Rows& rows, int row);
ServicePerformance read_performance(const Rows& rows, int row);

}  // namespace unity::db::postgres
