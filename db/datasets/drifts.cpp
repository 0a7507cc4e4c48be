#include "datasets/drifts.hpp"

#include <algorithm>

namespace unity::db {
namespace {

constexpr std::string_view kColumn = "column ";
constexpr std::string_view kIndex = "index ";

std::string column_in(const schema::Drift& drift) {
  return drift.part.starts_with(kColumn) ? drift.part.substr(kColumn.size()) : std::string();
}

DatasetDrift::Class classify(const Layout& layout, const schema::Drift& drift) {
  using Class = DatasetDrift::Class;
  if (drift.kind == "unexpected") return Class::beside;
  const auto column = column_in(drift);
  if (drift.kind == "missing") {
    if (drift.part.empty() || drift.part.starts_with(kIndex)) return Class::missing;
    const auto* known = layout.find(column);
    return known != nullptr && !layout.is_identity(column) ? Class::missing : Class::differs;
  }
  // What an operator has put in the place of an index holds nothing that could be lost.
  if (drift.part.starts_with(kIndex)) return Class::beside;
  if (drift.kind == "nullability" && drift.found == "NULL") return Class::looser;
  return Class::differs;
}

}  // namespace

Result<std::vector<DatasetDrift>> find_dataset_drifts(SchemaSession& session,
                                                      std::span<const RegisteredDataset> rows,
                                                      const schema::Catalog& found) {
  schema::Schema schema;
  schema::Catalog theirs;
  std::map<std::string, std::size_t, std::less<>> owner_of;  // by table and view
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& layout = rows[i].layout;
    add_to(schema, layout, session.dialect());
    owner_of.emplace(layout.table(), i);
    owner_of.emplace(layout.dataset, i);
    const auto table = found.tables.find(layout.table());
    if (table != found.tables.end()) theirs.tables.insert(*table);
    if (found.views.contains(layout.dataset)) theirs.views.insert(layout.dataset);
  }
  std::vector<DatasetDrift> drifts;
  if (rows.empty()) return drifts;
  auto wanted = session.expect(schema);
  if (!wanted) return std::move(wanted).error();
  for (auto& drift : schema::compare(*wanted, theirs)) {
    const auto dataset = owner_of.find(drift.table)->second;
    const auto kind = classify(rows[dataset].layout, drift);
    drifts.push_back({dataset, std::move(drift), kind});
  }
  return drifts;
}

std::vector<schema::Change> mending_changes(Layout& layout,
                                            const std::vector<const schema::Drift*>& missing,
                                            const schema::Catalog& found, Dialect dialect) {
  std::vector<schema::Change> changes;
  const auto table = table_of(layout);
  const bool has_view = found.views.contains(layout.dataset);
  const bool no_table = !found.tables.contains(table.name);
  if (has_view) changes.push_back(schema::ViewChange{view_of(layout, dialect), std::nullopt});
  const auto index = time_index_of(layout);
  if (no_table) {
    changes.push_back(schema::TableChange{std::nullopt, table, {}, {index}});
  } else {
    const bool has_index = found.tables.at(table.name).indexes.contains(index.name);
    auto before = table;
    auto after = table;
    for (const auto* drift : missing) {
      const auto name = column_in(*drift);
      if (name.empty()) continue;
      auto* column = layout.find(name);
      column->nullable = true;
      const auto is_it = [&](const schema::Column& one) { return one.name == name; };
      auto again = *std::find_if(after.columns.begin(), after.columns.end(), is_it);
      again.nullable = true;
      std::erase_if(before.columns, is_it);
      std::erase_if(after.columns, is_it);
      after.columns.push_back(std::move(again));
    }
    if (before != after) {
      const auto kept = has_index ? std::vector{index} : std::vector<schema::Index>();
      changes.push_back(schema::TableChange{before, after, {}, kept});
    }
    if (!has_index) changes.push_back(schema::IndexChange{std::nullopt, index});
  }
  changes.push_back(schema::ViewChange{std::nullopt, view_of(layout, dialect)});
  return changes;
}

std::vector<std::string> orphans(std::span<const RegisteredDataset> rows,
                                 const schema::Catalog& found) {
  std::vector<std::string> names;
  for (const auto& [name, table] : found.tables) {
    const bool known = std::any_of(rows.begin(), rows.end(), [&name = name](const auto& row) {
      return row.layout.table() == name;
    });
    if (name.starts_with(kDatasetTables) && !known) names.push_back(name);
  }
  return names;
}

}  // namespace unity::db
