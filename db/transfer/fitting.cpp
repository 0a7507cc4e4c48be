#include "transfer/fitting.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "transfer/references.hpp"
#include "unity/db/schema.hpp"

namespace unity::db::transfer {
namespace {

// What keeps rows of `old` from being rows of `now`; empty if nothing does.
std::string obstacle(const schema::Table& old, const schema::Table* now) {
  if (now == nullptr) return "it is gone since";
  for (const auto& column : old.columns) {
    const auto* same = now->find(column.name);
    if (same == nullptr) return fmt::format("its column {} is gone since", column.name);
    const bool fits = same->type == column.type && same->length >= column.length &&
                      (same->nullable || !column.nullable);
    if (!fits) return fmt::format("its column {} has changed since", column.name);
  }
  for (const auto& column : now->columns) {
    if (old.find(column.name) != nullptr || column.nullable || !column.default_value.empty()) {
      continue;
    }
    return fmt::format("its column {} has come since and needs a value", column.name);
  }
  return {};
}

Error refused(const std::filesystem::path& path, std::string_view why) {
  return {Errc::refused, fmt::format("cannot import {}: {}", path.string(), why)};
}

}  // namespace

Result<std::vector<TransferTable>> fitting_tables(const Manifest& manifest,
                                                  const std::filesystem::path& path) {
  if (manifest.schema > schema_head()) {
    return refused(path, fmt::format("its schema is {}, and this version of unity knows only up to "
                                     "{}: use unity {}, which wrote it, or a newer one",
                                     manifest.schema, schema_head(), manifest.app_version));
  }
  if (manifest.schema < 1) return refused(path, "its manifest names no schema");
  auto tables = transfer_tables(manifest.schema, manifest.datasets);
  std::erase_if(tables, [&manifest](const TransferTable& one) {
    return !manifest.tables.contains(one.table.name);
  });
  for (const auto& [name, summary] : manifest.tables) {
    if (find_table(tables, name) != nullptr) continue;
    return refused(path, fmt::format("it has a table {}, which unity does not know", name));
  }
  const auto now = transfer_tables(schema_head(), manifest.datasets);
  for (const auto& one : tables) {
    const auto* same = find_table(now, one.table.name);
    const auto why = obstacle(one.table, same != nullptr ? &same->table : nullptr);
    if (why.empty()) continue;
    return refused(path, fmt::format("it is of schema {}, and table {} does not fit any more: {}. "
                                     "Bring the database that it came from to {} with `unity db "
                                     "upgrade`, and export again",
                                     manifest.schema, one.table.name, why, schema_head()));
  }
  if (auto whole = require_references(manifest, tables, path); !whole) return whole.error();
  return tables;
}

}  // namespace unity::db::transfer
