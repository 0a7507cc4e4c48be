#include "postgres/dataset_registry.hpp"

#include "base/unless_empty.hpp"
#include "datasets/registry_rows.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kReadingDatasets = "read the datasets of";
constexpr std::string_view kNotingDatasets = "note a dataset in";

constexpr const char* kHasTable = "SELECT to_regclass('datasets') IS NOT NULL";
constexpr const char* kReadDatasets =
    "SELECT " UNITY_DATASET_COLUMNS " FROM datasets ORDER BY name";
constexpr const char* kReadChanges =
    "SELECT " UNITY_DATASET_CHANGE_COLUMNS
    " FROM dataset_changes c JOIN datasets d ON d.dataset_id = c.dataset_id "
    "WHERE $1 = '' OR d.name = $1 ORDER BY c.id DESC";
constexpr const char* kPutDataset =
    "INSERT INTO datasets (plugin_id, name, table_name, version, spec, spec_hash, state, problem, "
    "storage, retention_seconds, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'table', $9, $10, $11) "
    "ON CONFLICT (name) DO UPDATE SET plugin_id = excluded.plugin_id, version = excluded.version, "
    "spec = excluded.spec, spec_hash = excluded.spec_hash, state = excluded.state, "
    "problem = excluded.problem, retention_seconds = excluded.retention_seconds, "
    "updated_at = excluded.updated_at";
constexpr const char* kPutChange =
    "INSERT INTO dataset_changes (dataset_id, time, from_version, to_version, change_kind, "
    "decision, reason, sql_text, actor) "
    "SELECT dataset_id, $2, $3, $4, $5, $6, $7, $8, $9 FROM datasets WHERE name = $1";

Result<void> only_whether(Result<Rows> rows) {
  if (!rows) return std::move(rows).error();
  return {};
}

}  // namespace

Result<bool> PostgresDatasetRegistry::has_table() {
  auto rows = connection_.query(kHasTable, Parameters(), kReadingDatasets);
  if (!rows) return std::move(rows).error();
  return rows->flag(0, 0);
}

Result<std::vector<RegisteredDataset>> PostgresDatasetRegistry::read_datasets() {
  const auto there = has_table();
  if (!there) return there.error();
  if (!*there) return std::vector<RegisteredDataset>();
  auto rows = connection_.query(kReadDatasets, Parameters(), kReadingDatasets);
  if (!rows) return std::move(rows).error();
  return all_of(read_all(*rows, [](auto in) { return read_dataset(in); }));
}

Result<std::vector<DatasetChange>> PostgresDatasetRegistry::read_changes(std::string_view dataset) {
  const auto there = has_table();
  if (!there) return there.error();
  if (!*there) return std::vector<DatasetChange>();
  auto rows = connection_.query(kReadChanges, Parameters(dataset), kReadingDatasets);
  if (!rows) return std::move(rows).error();
  return read_all(*rows, [](auto in) { return read_dataset_change(in); });
}

Result<void> PostgresDatasetRegistry::write_dataset(const RegisteredDataset& row) {
  const auto spec = to_json(row.layout);
  return only_whether(connection_.query(
      kPutDataset,
      Parameters(row.owner, row.layout.dataset, row.layout.table(), row.layout.version, Json{spec},
                 Bytes{row.spec_hash}, row.state, unless_empty(row.problem), row.retention_seconds,
                 row.created_at, row.updated_at),
      kNotingDatasets));
}

Result<void> PostgresDatasetRegistry::write_change(const DatasetChange& row) {
  return only_whether(connection_.query(
      kPutChange,
      Parameters(row.dataset, row.time, row.from_version, row.to_version, row.change, row.decision,
                 unless_empty(row.reason), unless_empty(row.sql), row.actor),
      kNotingDatasets));
}

}  // namespace unity::db::postgres
