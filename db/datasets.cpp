// The commands for datasets, for whatever database it is.
#include "unity/db/datasets.hpp"

#include "datasets/prune.hpp"
#include "registry.hpp"

namespace unity::db {
namespace {

DatasetInfo info_of(const RegisteredDataset& row) {
  const auto& layout = row.layout;
  DatasetInfo info;
  info.name = layout.dataset;
  info.owner = row.owner;
  info.table = layout.table();
  info.version = layout.version;
  info.shape = to_text(layout.shape);
  info.time_column = layout.time;
  info.state = row.state;
  info.problem = row.problem;
  if (row.retention_seconds) info.retention = std::chrono::seconds(*row.retention_seconds);
  info.created_at = row.created_at;
  info.updated_at = row.updated_at;
  for (const auto& column : layout.columns) {
    info.columns.push_back({column.name, to_text(column.form), layout.is_identity(column.name),
                            column.nullable, column.unit, column.variant_of, column.deprecated_at});
  }
  return info;
}

}  // namespace

Result<std::vector<DatasetInfo>> read_datasets(const DatabaseConfig& config) {
  std::vector<DatasetInfo> infos;
  auto session = look_at_schema(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return infos;
  auto rows = (*session)->datasets().read_datasets();
  if (!rows) return std::move(rows).error();
  for (const auto& row : *rows) infos.push_back(info_of(row));
  return infos;
}

Result<std::vector<DatasetChangeInfo>> read_dataset_changes(const DatabaseConfig& config,
                                                            std::string_view dataset) {
  std::vector<DatasetChangeInfo> infos;
  auto session = look_at_schema(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return infos;
  auto changes = (*session)->datasets().read_changes(dataset);
  if (!changes) return std::move(changes).error();
  for (auto& one : *changes) {
    infos.push_back({std::move(one.dataset), one.time, one.from_version, one.to_version,
                     std::move(one.change), std::move(one.decision), std::move(one.reason),
                     std::move(one.sql), std::move(one.actor)});
  }
  return infos;
}

Result<std::vector<PrunedColumn>> prune_datasets(const DatabaseConfig& config,
                                                 std::string_view dataset, Time now,
                                                 bool confirmed) {
  std::vector<PrunedColumn> pruned;
  auto session = confirmed ? open_schema(config) : look_at_schema(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return pruned;
  auto columns = prune_datasets(**session, dataset, now, confirmed);
  if (!columns) return std::move(columns).error();
  for (auto& one : *columns) {
    pruned.push_back(
        {std::move(one.dataset), std::move(one.column), one.deprecated_at, one.until, one.dropped});
  }
  return pruned;
}

}  // namespace unity::db
