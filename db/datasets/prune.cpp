#include "datasets/prune.hpp"

#include <fmt/format.h>

#include "base/now.hpp"
#include "datasets/registration.hpp"
#include "datasets/standing.hpp"

namespace unity::db {
namespace {

std::vector<PrunableColumn> prunable_columns(const RegisteredDataset& row) {
  std::vector<PrunableColumn> columns;
  for (const auto& column : row.layout.columns) {
    if (!column.is_deprecated()) continue;
    std::optional<Time> until;
    if (row.retention_seconds) {
      until = *column.deprecated_at + std::chrono::seconds(*row.retention_seconds);
    }
    columns.push_back({row.layout.dataset, column.name, *column.deprecated_at, until, false});
  }
  return columns;
}

// Errc::not_found if none of them has the name.
Result<std::vector<RegisteredDataset>> chosen(const std::vector<RegisteredDataset>& rows,
                                              std::string_view dataset, std::string_view place) {
  if (dataset.empty()) return rows;
  const auto* row = find_row(rows, dataset);
  if (row == nullptr) return no_dataset(dataset, place);
  return std::vector{*row};
}

// `columns` of one dataset that are due are dropped, and told so.
Result<void> prune(Registration& registration, RegisteredDataset row,
                   std::vector<PrunableColumn>& columns, bool is_named, Time at) {
  const auto before = row.layout;
  std::vector<DatasetDecision> decisions;
  for (auto& column : columns) {
    // What is kept for ever goes only if somebody names it.
    column.dropped = column.until ? *column.until <= at : is_named;
    if (!column.dropped) continue;
    std::erase_if(row.layout.columns, [&](const LayoutColumn& one) {
      return one.name == column.column || one.variant_of == column.column;
    });
    decisions.push_back(
        {"drop_column", "applied", fmt::format("column {} was pruned", column.column)});
  }
  if (row.layout == before) return {};
  row.updated_at = now();
  return registration.carry_out(row, before, row.layout.version,
                                registration.changes_to(row.layout, before), decisions);
}

}  // namespace

Result<std::vector<PrunableColumn>> prune_datasets(SchemaSession& session, std::string_view dataset,
                                                   Time now, bool confirmed) {
  std::vector<PrunableColumn> all;
  if (!confirmed) {
    const auto registered = session.datasets().read_datasets();
    if (!registered) return registered.error();
    const auto rows = chosen(*registered, dataset, session.place());
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
      for (auto& one : prunable_columns(row)) all.push_back(std::move(one));
    }
    return all;
  }
  Registration registration(session);
  if (auto begun = registration.begin(); !begun) return std::move(begun).error();
  const auto rows = chosen(registration.rows(), dataset, session.place());
  if (!rows) return rows.error();
  for (const auto& row : *rows) {
    auto columns = prunable_columns(row);
    auto done = prune(registration, row, columns, !dataset.empty(), now);
    if (!done) return std::move(done).error();
    for (auto& one : columns) all.push_back(std::move(one));
  }
  if (auto committed = registration.commit(); !committed) return std::move(committed).error();
  return all;
}

}  // namespace unity::db
