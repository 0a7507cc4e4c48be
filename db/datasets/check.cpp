#include "datasets/check.hpp"

#include "datasets/drifts.hpp"

namespace unity::db {

Result<std::vector<DatasetFinding>> check_datasets(SchemaSession& session,
                                                   const schema::Catalog& found) {
  const auto rows = session.datasets().read_datasets();
  if (!rows) return rows.error();
  const auto drifts = find_dataset_drifts(session, *rows, found);
  if (!drifts) return drifts.error();
  std::vector<DatasetFinding> findings;
  for (const auto& one : *drifts) findings.push_back({one.drift, false});
  for (const auto& name : orphans(*rows, found)) {
    findings.push_back({{name, {}, "orphan", {}, "a table"}, false});
  }
  return findings;
}

Result<std::vector<schema::Change>> removal_of_datasets(SchemaSession& session) {
  const auto rows = session.datasets().read_datasets();
  if (!rows) return rows.error();
  const auto found = session.inspect();
  if (!found) return found.error();
  std::vector<schema::Change> changes;
  for (const auto& row : *rows) {
    const auto view = view_of(row.layout, session.dialect());
    if (found->views.contains(view.name)) {
      changes.push_back(schema::ViewChange{view, std::nullopt});
    }
    const auto table = table_of(row.layout);
    if (found->tables.contains(table.name)) {
      changes.push_back(schema::TableChange{table, std::nullopt});
    }
  }
  return changes;
}

Result<void> leave_out_datasets(SchemaSession& session, schema::Catalog& found) {
  auto rows = session.datasets().read_datasets();
  if (!rows) return std::move(rows).error();
  for (const auto& row : *rows) found.views.erase(row.layout.dataset);
  std::erase_if(found.tables,
                [](const auto& one) { return one.first.starts_with(kDatasetTables); });
  return {};
}

}  // namespace unity::db
