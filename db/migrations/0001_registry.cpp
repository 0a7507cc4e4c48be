#include "migrations/0001_registry.hpp"

namespace unity::db {
namespace {

constexpr Column kDeviceColumns[] = {
    {"device_id", Type::id},
    {"uid", Type::uuid},
    str("hostname", 255),
    nullable(str("machine_id", 64)),
    nullable(str("device_type", 50)),
    nullable({"metadata", Type::json}),
    nullable({"last_successful_collection", Type::time}),
    nullable(str("last_collection_status", 20)),
    {"created_at", Type::time},
    {"updated_at", Type::time},
    nullable({"deleted_at", Type::time}),
    with_default({"row_version", Type::i32}, "1"),
};
constexpr Unique kDeviceUniques[] = {{"uq_devices_uid", "uid"},
                                     {"uq_devices_hostname", "hostname"}};

constexpr Column kPluginColumns[] = {
    {"id", Type::uuid},
    str("plugin_id", 100),
    str("name", 200),
    str("version", 50),
    nullable({"description", Type::text}),
    nullable(str("category", 50)),
    with_default({"enabled", Type::boolean}, "0"),
    nullable({"config", Type::json}),
    nullable({"manifest_hash", Type::hash}),
    {"created_at", Type::time},
    {"updated_at", Type::time},
    with_default({"row_version", Type::i32}, "1"),
};
constexpr Unique kPluginUniques[] = {{"uq_plugins_plugin_id", "plugin_id"}};

constexpr Column kStatusColumns[] = {
    str("plugin_id", 100),
    nullable({"last_run", Type::time}),
    nullable({"last_success", Type::time}),
    nullable({"last_error", Type::text}),
    with_default({"error_count", Type::i64}, "0"),
    with_default({"consecutive_errors", Type::i64}, "0"),
    with_default(str("health_status", 20), "'unknown'"),
    {"updated_at", Type::time},
};
constexpr ForeignKey kStatusKeys[] = {
    {"fk_plugin_status_plugin_id", "plugin_id", "plugins", "plugin_id", "CASCADE"}};

constexpr Op kOps[] = {
    CreateTable{.name = "devices", .columns = kDeviceColumns, .uniques = kDeviceUniques},
    CreateTable{.name = "plugins",
                .columns = kPluginColumns,
                .primary_key = "id",
                .uniques = kPluginUniques},
    CreateTable{.name = "plugin_status",
                .columns = kStatusColumns,
                .primary_key = "plugin_id",
                .foreign_keys = kStatusKeys},
};

}  // namespace

std::span<const Op> registry_ops() { return kOps; }

}  // namespace unity::db
