#include "mariadb/dataset_registry.hpp"

#include "base/unless_empty.hpp"
#include "datasets/registry_rows.hpp"

namespace unity::db::mariadb {
namespace {

constexpr std::string_view kReadingDatasets = "read the datasets of";
constexpr std::string_view kNotingDatasets = "note a dataset in";

constexpr const char* kHasTable =
    "SELECT count(*) FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_name = 'datasets'";
constexpr const char* kReadDatasets =
    "SELECT " UNITY_DATASET_COLUMNS " FROM datasets ORDER BY name";
constexpr const char* kReadChanges =
    "SELECT " UNITY_DATASET_CHANGE_COLUMNS
    " FROM dataset_changes c JOIN datasets d ON d.dataset_id = c.dataset_id "
    "WHERE ? = '' OR d.name = ? ORDER BY c.id DESC";
constexpr const char* kPutDataset =
    "INSERT INTO datasets (plugin_id, name, table_name, version, spec, spec_hash, state, problem, "
    "storage, retention_seconds, created_at, updated_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'table', ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE plugin_id = VALUES(plugin_id), version = VALUES(version), "
    "spec = VALUES(spec), spec_hash = VALUES(spec_hash), state = VALUES(state), "
    "problem = VALUES(problem), retention_seconds = VALUES(retention_seconds), "
    "updated_at = VALUES(updated_at)";
constexpr const char* kPutChange =
    "INSERT INTO dataset_changes (dataset_id, time, from_version, to_version, change_kind, "
    "decision, reason, sql_text, actor) "
    "SELECT dataset_id, ?, ?, ?, ?, ?, ?, ?, ? FROM datasets WHERE name = ?";

Result<void> only_whether(Result<Rows> rows) {
  if (!rows) return std::move(rows).error();
  return {};
}

}  // namespace

Result<bool> MariadbDatasetRegistry::has_table() {
  auto rows = connection_.query(kHasTable, Parameters(), kReadingDatasets);
  if (!rows) return std::move(rows).error();
  return rows->flag(0, 0);
}

Result<std::vector<RegisteredDataset>> MariadbDatasetRegistry::read_datasets() {
  const auto there = has_table();
  if (!there) return there.error();
  if (!*there) return std::vector<RegisteredDataset>();
  auto rows = connection_.query(kReadDatasets, Parameters(), kReadingDatasets);
  if (!rows) return std::move(rows).error();
  return all_of(read_all(*rows, [](auto in) { return read_dataset(in); }));
}

Result<std::vector<DatasetChange>> MariadbDatasetRegistry::read_changes(std::string_view dataset) {
  const auto there = has_table();
  if (!there) return there.error();
  if (!*there) return std::vector<DatasetChange>();
  auto rows = connection_.query(kReadChanges, Parameters(dataset, dataset), kReadingDatasets);
  if (!rows) return std::move(rows).error();
  return read_all(*rows, [](auto in) { return read_dataset_change(in); });
}

Result<void> MariadbDatasetRegistry::write_dataset(const RegisteredDataset& row) {
  const auto spec = to_json(row.layout);
  return only_whether(connection_.query(
      kPutDataset,
      Parameters(row.owner, row.layout.dataset, row.layout.table(), row.layout.version, spec,
                 Bytes{row.spec_hash}, row.state, unless_empty(row.problem), row.retention_seconds,
                 row.created_at, row.updated_at),
      kNotingDatasets));
}

Result<void> MariadbDatasetRegistry::write_change(const DatasetChange& row) {
  return only_whether(connection_.query(
      kPutChange,
      Parameters(row.time, row.from_version, row.to_version, row.change, row.decision,
                 unless_empty(row.reason), unless_empty(row.sql), row.actor, row.dataset),
      kNotingDatasets));
}

}  // namespace unity::db::mariadb
