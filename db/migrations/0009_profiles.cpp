#include "migrations/0009_profiles.hpp"

namespace unity::db {
namespace {

constexpr Column kConnectorColumns[] = {
    str("id", 255),
    {"profile_data", Type::json},
    {"created_at", Type::time},
    {"updated_at", Type::time},
    with_default({"row_version", Type::i32}, "1"),
};
constexpr Column kClientColumns[] = {
    str("id", 255),
    {"config_data", Type::json},
    {"created_at", Type::time},
    {"updated_at", Type::time},
    with_default({"row_version", Type::i32}, "1"),
};
constexpr Column kProposalColumns[] = {
    str("id", 255),
    {"proposal_data", Type::json},
    with_default(str("status", 20), "'draft'"),
    {"created_at", Type::time},
    {"updated_at", Type::time},
    with_default({"row_version", Type::i32}, "1"),
};

// The key of an entry may be a whole query: its hash is the key of the row.
constexpr Column kCacheColumns[] = {
    {"key_hash", Type::hash},
    {"cache_key", Type::text},
    nullable({"device_id", Type::i64}),
    str("data_type", 50),
    {"created_at", Type::time},
    {"last_accessed", Type::time},
    {"expires_at", Type::time},
    with_default({"access_count", Type::i64}, "1"),
    nullable({"data_size_bytes", Type::i64}),
    {"ttl_seconds", Type::i32},
    with_default({"invalidated", Type::boolean}, "0"),
    nullable({"invalidated_at", Type::time}),
    nullable(str("invalidation_reason", 100)),
    nullable(str("collection_method", 50)),
    nullable(str("command_hash", 64)),
};
constexpr ForeignKey kCacheKeys[] = {
    {"fk_cache_metadata_device_id", "device_id", "devices", "device_id", "CASCADE"}};

constexpr Op kOps[] = {
    CreateTable{.name = "connector_profiles", .columns = kConnectorColumns, .primary_key = "id"},
    CreateTable{.name = "client_configs", .columns = kClientColumns, .primary_key = "id"},
    CreateTable{.name = "service_proposals", .columns = kProposalColumns, .primary_key = "id"},
    CreateTable{.name = "cache_metadata",
                .columns = kCacheColumns,
                .primary_key = "key_hash",
                .foreign_keys = kCacheKeys},
    CreateIndex{"ix_cache_metadata_expires", "cache_metadata", "expires_at"},
    CreateIndex{"ix_cache_metadata_device", "cache_metadata", "device_id, data_type"},
};

}  // namespace

std::span<const Op> profiles_ops() { return kOps; }

}  // namespace unity::db
