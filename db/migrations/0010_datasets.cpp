#include "migrations/0010_datasets.hpp"

namespace unity::db {
namespace {

constexpr Column kDatasetColumns[] = {
    {"dataset_id", Type::id},
    str("plugin_id", 100),
    str("name", 63),
    str("table_name", 63),
    {"version", Type::i32},
    {"spec", Type::json},
    {"spec_hash", Type::hash},
    str("state", 16),
    nullable({"problem", Type::text}),
    str("storage", 16),
    nullable({"retention_seconds", Type::i64}),
    {"created_at", Type::time},
    {"updated_at", Type::time},
};
constexpr Unique kDatasetUniques[] = {
    {"uq_datasets_name", "name"},
    {"uq_datasets_table_name", "table_name"},
};
constexpr Check kDatasetChecks[] = {
    {"ck_datasets_state", "state IN ('declared', 'planned', 'applied', 'deprecated', 'blocked')"}};

constexpr Column kChangeColumns[] = {
    {"id", Type::id},
    {"dataset_id", Type::i64},
    {"time", Type::time},
    nullable({"from_version", Type::i32}),
    {"to_version", Type::i32},
    str("change_kind", 32),
    str("decision", 16),
    nullable({"reason", Type::text}),
    nullable({"sql_text", Type::text}),
    str("actor", 128),
};
constexpr ForeignKey kChangeKeys[] = {
    {"fk_dataset_changes_dataset_id", "dataset_id", "datasets", "dataset_id", "CASCADE"}};

constexpr Op kOps[] = {
    CreateTable{.name = "datasets",
                .columns = kDatasetColumns,
                .uniques = kDatasetUniques,
                .checks = kDatasetChecks},
    CreateTable{.name = "dataset_changes", .columns = kChangeColumns, .foreign_keys = kChangeKeys},
    CreateIndex{"ix_dataset_changes_dataset", "dataset_changes", "dataset_id, time"},
};

}  // namespace

std::span<const Op> datasets_ops() { return kOps; }

}  // namespace unity::db
