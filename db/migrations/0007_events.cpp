#include "migrations/0007_events.hpp"

namespace unity::db {
namespace {

// The key is what the broker calls a message, and its time, by which the table is cut.
constexpr Column kEventColumns[] = {
    str("source", 100),
    str("topic", 200),
    {"partition_no", Type::i32},
    {"offset_no", Type::i64},
    {"created_at", Type::time},
    nullable(str("level", 16)),
    nullable({"device_id", Type::i64}),
    {"data", Type::json},
};

constexpr Column kWindowColumns[] = {
    str("window_key", 200),
    str("metric_type", 100),
    {"window_seconds", Type::i32},
    {"window_start", Type::time},
    {"value", Type::f64},
    {"sample_count", Type::i64},
    nullable({"metadata", Type::json}),
    {"updated_at", Type::time},
};

constexpr ViewBody kTelemetry[] = {
    {std::nullopt,
     R"(SELECT "created_at" AS "time", "topic", "level", "device_id", "data", "partition_no", "offset_no"
FROM "raw_events"
WHERE "source" = 'telemetry')"}};

constexpr Op kOps[] = {
    CreateTable{.name = "raw_events",
                .columns = kEventColumns,
                .primary_key = "topic, partition_no, offset_no, created_at",
                .partition_by = "created_at",
                .segment_by = "topic"},
    CreateIndex{"ix_raw_events_topic", "raw_events", "topic, created_at"},
    CreateIndex{"ix_raw_events_level", "raw_events", "level, created_at"},
    CreateTable{.name = "metrics_agg",
                .columns = kWindowColumns,
                .primary_key = "window_key, metric_type, window_seconds, window_start"},
    CreateIndex{"ix_metrics_agg_start", "metrics_agg", "window_start"},
    CreateView{"telemetry_events", kTelemetry},
};

}  // namespace

std::span<const Op> events_ops() { return kOps; }

}  // namespace unity::db
