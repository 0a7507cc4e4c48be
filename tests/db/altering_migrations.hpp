// Migrations that change tables in every way that there is, for tests.
#pragma once

#include "migrate/plan.hpp"

namespace unity::test {

inline std::span<const db::Op> add_note_ops() {
  static constexpr db::Op ops[] = {
      db::AddColumn{"devices", db::nullable({"note", db::Type::text})}};
  return ops;
}

inline std::span<const db::Op> rename_ops() {
  static constexpr db::Op ops[] = {db::RenameColumn{"devices", "note", "remark"}};
  return ops;
}

namespace altering {

constexpr db::Column kParents[] = {
    {"id", db::Type::id}, db::str("name", 10), {"size", db::Type::i16}};
constexpr db::Column kChildren[] = {{"id", db::Type::id}, {"parent_id", db::Type::i64}};
constexpr db::ForeignKey kChildrenKeys[] = {
    {"fk_children_parent_id", "parent_id", "parents", "id", "CASCADE"}};

inline std::span<const db::Op> first() {
  static constexpr db::Op ops[] = {
      db::AddColumn{"schema_migrations", db::with_default({"breaking", db::Type::boolean}, "0")},
      db::CreateTable{.name = "parents", .columns = kParents},
      db::CreateIndex{"ix_parents_name", "parents", "name"},
      db::CreateTable{.name = "children", .columns = kChildren, .foreign_keys = kChildrenKeys},
  };
  return ops;
}
inline std::span<const db::Op> add_columns() {
  static constexpr db::Op ops[] = {
      db::AddColumn{"parents", db::nullable({"born", db::Type::time})},
      db::AddColumn{"parents", db::with_default(db::str("mood", 5), "'good'")}};
  return ops;
}
inline std::span<const db::Op> widen() {
  static constexpr db::Op ops[] = {db::ChangeColumn{"parents", {"size", db::Type::i64}},
                                   db::ChangeColumn{"parents", db::str("name", 100)}};
  return ops;
}
inline std::span<const db::Op> relax() {
  static constexpr db::Op ops[] = {
      db::ChangeColumn{"parents", db::nullable({"size", db::Type::i64})},
      db::ChangeColumn{"parents", db::with_default(db::str("mood", 5), "'bad'")}};
  return ops;
}
inline std::span<const db::Op> constrain() {
  static constexpr db::Op ops[] = {db::AddUnique{"parents", {"uq_parents_name", "name"}},
                                   db::AddCheck{"parents", {"ck_parents_size", "size < 1000"}}};
  return ops;
}
inline std::span<const db::Op> rename() {
  static constexpr db::Op ops[] = {db::RenameColumn{"parents", "name", "title"}};
  return ops;
}
inline std::span<const db::Op> drop() {
  static constexpr db::Op ops[] = {db::DropColumn{"parents", "born"}};
  return ops;
}

inline std::span<const db::Op> index_concurrently() {
  static constexpr db::Op ops[] = {
      db::AddColumn{"children", db::nullable({"age", db::Type::i64})},
      db::CreateIndex{"ix_children_age", "children", "age", true},
      db::AddColumn{"children", db::nullable({"height", db::Type::i64})}};
  return ops;
}

inline std::span<const db::Op> another_index() {
  static constexpr db::Op ops[] = {db::CreateIndex{"ix_parents_title", "parents", "title", true}};
  return ops;
}

}  // namespace altering

inline db::Migrations altering_migrations() {
  static constexpr db::Migration migrations[] = {
      {1, "first", altering::first},           {2, "add", altering::add_columns},
      {3, "widen", altering::widen},           {4, "relax", altering::relax},
      {5, "constrain", altering::constrain},   {6, "rename", altering::rename, true},
      {7, "drop", altering::drop, true},       {8, "index", altering::index_concurrently},
      {9, "another", altering::another_index},
  };
  return migrations;
}

}  // namespace unity::test
