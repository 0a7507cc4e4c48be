#include "transfer/dataset_tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "datasets/mend.hpp"
#include "registry.hpp"

namespace unity::db::transfer {

Result<std::vector<Layout>> read_layouts(TransferSession& session,
                                         const std::vector<TransferTable>& tables) {
  std::vector<Layout> layouts;
  const auto* datasets = find_table(tables, "datasets");
  if (datasets == nullptr) return layouts;
  const auto spec = datasets->table.index_of("spec");
  auto read = session.read({*datasets, {}}, [&](const Row& row) -> Result<void> {
    auto layout = parse_layout(std::get<std::string>(row[spec]));
    if (!layout) return std::move(layout).error();
    layouts.push_back(std::move(*layout));
    return {};
  });
  if (!read) return std::move(read).error();
  return layouts;
}

Result<void> make_dataset_tables(const DatabaseConfig& config) {
  auto session = open_schema(config);
  if (!session) return std::move(session).error();
  return restore_datasets(**session);
}

Result<std::vector<TransferTable>> tables_there(const DatabaseConfig& config,
                                                std::vector<TransferTable> tables) {
  auto session = look_at_schema(config);
  if (!session) return std::move(session).error();
  auto rows = (*session)->datasets().read_datasets();
  if (!rows) return std::move(rows).error();
  auto found = (*session)->inspect();
  if (!found) return std::move(found).error();
  for (const auto& one : tables) {
    const auto& name = one.table.name;
    if (!is_dataset(one) || !found->tables.contains(name)) continue;
    const bool is_ours = std::any_of(rows->begin(), rows->end(), [&](const auto& row) {
      return row.layout.table() == name && table_of(row.layout) == one.table;
    });
    if (is_ours) continue;
    return Error{Errc::refused,
                 fmt::format("cannot import into {}: it has a table {} already, which is not as "
                             "the export's. Import into an empty database",
                             (*session)->place(), name)};
  }
  std::erase_if(tables, [&](const TransferTable& one) {
    return is_dataset(one) && !found->tables.contains(one.table.name);
  });
  return tables;
}

}  // namespace unity::db::transfer
