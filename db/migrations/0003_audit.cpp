#include "migrations/0003_audit.hpp"

namespace unity::db {
namespace {

// No foreign key: partitioned tables forbid it, and device 0 is the host itself. `operations` and
// `cpu_us` are ours: a row may stand for many runs.
constexpr Column kCollectionColumns[] = {
    {"device_id", Type::i64},
    {"time", Type::time},
    {"operation_id", Type::uuid},
    str("data_type", 100),
    str("collection_method", 50),
    nullable(str("collection_source", 200)),
    with_default({"force_refresh", Type::boolean}, "0"),
    nullable({"cache_hit", Type::boolean}),
    with_default({"operations", Type::i64}, "1"),
    nullable({"duration_ms", Type::i64}),
    nullable({"cpu_us", Type::i64}),
    nullable({"ssh_command_count", Type::i64}),
    nullable({"data_size_bytes", Type::i64}),
    str("status", 20),
    nullable({"error_message", Type::text}),
    nullable({"warnings", Type::json}),
    nullable({"records_created", Type::i64}),
    nullable({"records_updated", Type::i64}),
    nullable({"freshness_threshold", Type::i64}),
};

constexpr Column kPerformanceColumns[] = {
    str("instance_id", 255),
    str("service_name", 100),
    {"time", Type::time},
    with_default({"operations_total", Type::i64}, "0"),
    with_default({"operations_successful", Type::i64}, "0"),
    with_default({"operations_failed", Type::i64}, "0"),
    nullable({"operations_cached", Type::i64}),
    nullable({"avg_duration_ms", Type::f64}),
    nullable({"max_duration_ms", Type::i64}),
    nullable({"min_duration_ms", Type::i64}),
    nullable({"ssh_connections_created", Type::i64}),
    nullable({"ssh_connections_reused", Type::i64}),
    nullable({"ssh_commands_executed", Type::i64}),
    nullable({"cache_hit_ratio", Type::f64}),
    nullable({"cache_size_entries", Type::i64}),
    nullable({"cache_evictions", Type::i64}),
    nullable({"data_collected_bytes", Type::i64}),
    nullable({"database_writes", Type::i64}),
    nullable({"error_types", Type::json}),
    nullable({"top_errors", Type::json}),
};
constexpr Check kPerformanceChecks[] = {
    {"ck_service_performance_metrics_ratio", "cache_hit_ratio BETWEEN 0 AND 1"}};

constexpr Op kOps[] = {
    CreateTable{.name = "data_collection_audit",
                .columns = kCollectionColumns,
                .primary_key = "device_id, time, operation_id",
                .partition_by = "time",
                .segment_by = "device_id"},
    CreateIndex{"ix_data_collection_audit_status", "data_collection_audit", "status, time"},
    CreateTable{.name = "service_performance_metrics",
                .columns = kPerformanceColumns,
                .primary_key = "instance_id, service_name, time",
                .checks = kPerformanceChecks,
                .partition_by = "time",
                .segment_by = "instance_id, service_name"},
};

}  // namespace

std::span<const Op> audit_ops() { return kOps; }

}  // namespace unity::db
