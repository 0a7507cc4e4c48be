#include "migrations/0005_rollups.hpp"

namespace unity::db {
namespace {

// The average is sum / n: averages of averages would be wrong.
constexpr Column kRollupColumns[] = {
    {"series_id", Type::i64},  {"bucket", Type::time},    {"n", Type::i64},
    {"sum", Type::f64},        {"min", Type::f64},        {"max", Type::f64},
    {"last_time", Type::time}, {"last_value", Type::f64},
};

// Buckets that changed since they were computed, one row each time: writers never wait for one
// another, as they would for a row that they share.
constexpr Column kDirtyColumns[] = {
    {"id", Type::id},
    {"tier", Type::i16},
    {"bucket", Type::time},
};
constexpr Check kDirtyChecks[] = {{"ck_rollup_dirty_tier", "tier IN (1, 2)"}};

// Nothing before floor_time is taken any more; of what is before dropped_before, some may be gone.
constexpr Column kRetentionColumns[] = {
    str("table_name", 64),
    {"floor_time", Type::time},
    {"raised_at", Type::time},
    nullable({"dropped_before", Type::time}),
};

constexpr Column kJobColumns[] = {
    str("job", 64),
    with_default(str("target", 64), "''"),
    nullable({"last_started", Type::time}),
    nullable({"last_finished", Type::time}),
    nullable({"last_success", Type::time}),
    with_default(str("last_status", 16), "'never'"),
    nullable({"last_duration_ms", Type::i64}),
    nullable({"next_due", Type::time}),
    with_default({"total_runs", Type::i64}, "0"),
    with_default({"total_failures", Type::i64}, "0"),
    nullable({"last_error", Type::text}),
};

constexpr Op kOps[] = {
    CreateTable{
        .name = "metric_rollup_1h", .columns = kRollupColumns, .primary_key = "series_id, bucket"},
    CreateTable{
        .name = "metric_rollup_1d", .columns = kRollupColumns, .primary_key = "series_id, bucket"},
    CreateTable{.name = "rollup_dirty", .columns = kDirtyColumns, .checks = kDirtyChecks},
    CreateIndex{"ix_rollup_dirty_bucket", "rollup_dirty", "tier, bucket"},
    CreateTable{
        .name = "retention_state", .columns = kRetentionColumns, .primary_key = "table_name"},
    CreateTable{.name = "maintenance_jobs", .columns = kJobColumns, .primary_key = "job, target"},
};

}  // namespace

std::span<const Op> rollups_ops() { return kOps; }

}  // namespace unity::db
