// The columns of `datasets` and `dataset_changes` as they are read, and how their rows are.
#pragma once

#include "base/row_values.hpp"
#include "datasets/registry.hpp"

namespace unity::db {

#define UNITY_DATASET_COLUMNS \
  "plugin_id, spec, spec_hash, state, problem, retention_seconds, created_at, updated_at"
// Of `dataset_changes c` and `datasets d`.
#define UNITY_DATASET_CHANGE_COLUMNS                                          \
  "d.name, c.time, c.from_version, c.to_version, c.change_kind, c.decision, " \
  "c.reason, c.sql_text, c.actor"

// `In`: RowValues of these columns.
template <class In>
Result<RegisteredDataset> read_dataset(In in) {
  RegisteredDataset row;
  row.owner = in.text();
  auto layout = parse_layout(in.json());
  if (!layout) return std::move(layout).error();
  row.layout = std::move(*layout);
  row.spec_hash = in.text();
  row.state = in.text();
  row.problem = in.text();
  row.retention_seconds = in.integer_or_null();
  row.created_at = in.time();
  row.updated_at = in.time();
  return row;
}

// All, or why the first that cannot be read cannot.
inline Result<std::vector<RegisteredDataset>> all_of(std::vector<Result<RegisteredDataset>> rows) {
  std::vector<RegisteredDataset> datasets;
  for (auto& row : rows) {
    if (!row) return std::move(row).error();
    datasets.push_back(std::move(*row));
  }
  return datasets;
}

template <class In>
DatasetChange read_dataset_change(In in) {
  DatasetChange row;
  row.dataset = in.text();
  row.time = in.time();
  if (const auto version = in.integer_or_null()) row.from_version = static_cast<int>(*version);
  row.to_version = static_cast<int>(in.integer());
  row.change = in.text();
  row.decision = in.text();
  row.reason = in.text();
  row.sql = in.text();
  row.actor = in.text();
  return row;
}

}  // namespace unity::db
