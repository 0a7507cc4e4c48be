#include "migrations/0008_configuration.hpp"

namespace unity::db {
namespace {

// Content is stored once, however often and wherever it is seen.
constexpr Column kBlobColumns[] = {
    {"content_hash", Type::hash},
    {"size_bytes", Type::i64},
    with_default(str("encoding", 16), "'raw'"),
    {"content", Type::bin},
    {"first_seen", Type::time},
    with_default({"ref_count", Type::i64}, "0"),
};

constexpr Column kSnapshotColumns[] = {
    {"id", Type::uuid},
    {"time", Type::time},
    {"device_id", Type::i64},
    str("config_type", 50),
    str("file_path", 1024),
    {"path_hash", Type::hash},
    {"content_hash", Type::hash},
    nullable({"file_size_bytes", Type::i64}),
    nullable({"parsed_data", Type::json}),
    str("change_type", 20),
    nullable({"previous_hash", Type::hash}),
    nullable({"file_modified_time", Type::time}),
    str("collection_source", 50),
    nullable({"detection_latency_ms", Type::i64}),
    nullable({"affected_services", Type::json}),
    with_default({"requires_restart", Type::boolean}, "0"),
    with_default(str("risk_level", 20), "'MEDIUM'"),
};
constexpr Unique kSnapshotUniques[] = {
    {"uq_configuration_snapshots_path_time", "device_id, path_hash, time"}};

// Snapshots grow old and go; what is in force stays here.
constexpr Column kCurrentColumns[] = {
    {"device_id", Type::i64},
    {"path_hash", Type::hash},
    str("file_path", 1024),
    str("config_type", 50),
    nullable({"content_hash", Type::hash}),
    {"snapshot_id", Type::uuid},
    {"snapshot_time", Type::time},
    with_default({"deleted", Type::boolean}, "0"),
};
constexpr ForeignKey kCurrentKeys[] = {
    {"fk_configuration_current_device_id", "device_id", "devices", "device_id", "CASCADE"},
    {"fk_configuration_current_content", "content_hash", "config_blobs", "content_hash",
     "RESTRICT"},
};

// snapshot_id refers to a snapshot that may be gone: partitioned tables know no foreign keys.
constexpr Column kChangeColumns[] = {
    {"id", Type::uuid},
    {"time", Type::time},
    {"device_id", Type::i64},
    {"snapshot_id", Type::uuid},
    {"snapshot_time", Type::time},
    str("config_type", 50),
    str("file_path", 1024),
    str("change_type", 20),
    nullable({"affected_services", Type::json}),
    nullable({"service_dependencies", Type::json}),
    with_default({"requires_restart", Type::boolean}, "0"),
    nullable({"restart_services", Type::json}),
    nullable({"changes_summary", Type::json}),
    with_default(str("risk_level", 20), "'MEDIUM'"),
    nullable({"confidence_score", Type::f64}),
    with_default({"processed", Type::boolean}, "0"),
    nullable({"notifications_sent", Type::json}),
};

constexpr ViewBody kProxyConfig[] = {
    {std::nullopt,
     R"(SELECT "device_id", "file_path", "content_hash", "snapshot_id", "snapshot_time", "deleted"
FROM "configuration_current"
WHERE "config_type" = 'proxy')"}};

constexpr Op kOps[] = {
    CreateTable{.name = "config_blobs", .columns = kBlobColumns, .primary_key = "content_hash"},
    CreateTable{.name = "configuration_snapshots",
                .columns = kSnapshotColumns,
                .primary_key = "id, time",
                .uniques = kSnapshotUniques,
                .partition_by = "time",
                .segment_by = "device_id"},
    CreateIndex{"ix_configuration_snapshots_time", "configuration_snapshots", "time, id"},
    CreateTable{.name = "configuration_current",
                .columns = kCurrentColumns,
                .primary_key = "device_id, path_hash",
                .foreign_keys = kCurrentKeys},
    CreateTable{.name = "configuration_change_events",
                .columns = kChangeColumns,
                .primary_key = "id, time",
                .partition_by = "time",
                .segment_by = "device_id"},
    CreateIndex{"ix_configuration_change_events_todo", "configuration_change_events",
                "processed, time"},
    CreateIndex{"ix_configuration_change_events_time", "configuration_change_events", "time, id"},
    CreateIndex{"ix_configuration_change_events_snapshot", "configuration_change_events",
                "snapshot_id"},
    CreateView{"proxy_config", kProxyConfig},
};

}  // namespace

std::span<const Op> configuration_ops() { return kOps; }

}  // namespace unity::db
