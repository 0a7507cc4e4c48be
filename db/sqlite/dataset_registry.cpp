#include "sqlite/dataset_registry.hpp"

#include "base/unless_empty.hpp"
#include "datasets/registry_rows.hpp"
#include "sqlite/statement_row.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kReadingDatasets = "read the datasets of";
constexpr std::string_view kNotingDatasets = "note a dataset in";

}  // namespace

Result<bool> SqliteDatasetRegistry::has_table() {
  if (connection_ == nullptr) return false;
  auto find = connection_->prepare(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'datasets'", kReadingDatasets);
  if (!find) return std::move(find).error();
  return connection_->next(*find, kReadingDatasets);
}

Result<std::vector<RegisteredDataset>> SqliteDatasetRegistry::read_datasets() {
  const auto there = has_table();
  if (!there) return there.error();
  if (!*there) return std::vector<RegisteredDataset>();
  auto rows = connection_->prepare("SELECT " UNITY_DATASET_COLUMNS " FROM datasets ORDER BY name",
                                   kReadingDatasets);
  if (!rows) return std::move(rows).error();
  auto read =
      read_all(*connection_, *rows, kReadingDatasets, [](auto in) { return read_dataset(in); });
  if (!read) return std::move(read).error();
  return all_of(std::move(*read));
}

Result<std::vector<DatasetChange>> SqliteDatasetRegistry::read_changes(std::string_view dataset) {
  const auto there = has_table();
  if (!there) return there.error();
  if (!*there) return std::vector<DatasetChange>();
  auto rows =
      connection_->prepare("SELECT " UNITY_DATASET_CHANGE_COLUMNS
                           " FROM dataset_changes c JOIN datasets d ON d.dataset_id = c.dataset_id "
                           "WHERE ?1 = '' OR d.name = ?1 ORDER BY c.id DESC",
                           kReadingDatasets);
  if (!rows) return std::move(rows).error();
  rows->bind(dataset);
  return read_all(*connection_, *rows, kReadingDatasets,
                  [](auto in) { return read_dataset_change(in); });
}

Result<void> SqliteDatasetRegistry::write_dataset(const RegisteredDataset& row) {
  auto put = connection_->prepare(
      "INSERT INTO datasets (plugin_id, name, table_name, version, spec, spec_hash, state, "
      "problem, "
      "storage, retention_seconds, created_at, updated_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'table', ?, ?, ?) "
      "ON CONFLICT (name) DO UPDATE SET plugin_id = excluded.plugin_id, "
      "version = excluded.version, spec = excluded.spec, spec_hash = excluded.spec_hash, "
      "state = excluded.state, problem = excluded.problem, "
      "retention_seconds = excluded.retention_seconds, updated_at = excluded.updated_at",
      kNotingDatasets);
  if (!put) return std::move(put).error();
  const auto table = row.layout.table();
  const auto spec = to_json(row.layout);
  put->bind(row.owner, row.layout.dataset, table, row.layout.version, spec, Blob{row.spec_hash},
            row.state, unless_empty(row.problem), row.retention_seconds, row.created_at,
            row.updated_at);
  return connection_->run(*put, kNotingDatasets);
}

Result<void> SqliteDatasetRegistry::write_change(const DatasetChange& row) {
  auto put = connection_->prepare(
      "INSERT INTO dataset_changes (dataset_id, time, from_version, to_version, change_kind, "
      "decision, reason, sql_text, actor) "
      "SELECT dataset_id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM datasets WHERE name = ?1",
      kNotingDatasets);
  if (!put) return std::move(put).error();
  put->bind(row.dataset, row.time, row.from_version, row.to_version, row.change, row.decision,
            unless_empty(row.reason), unless_empty(row.sql), row.actor);
  return connection_->run(*put, kNotingDatasets);
}

}  // namespace unity::db
