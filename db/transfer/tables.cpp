#include "transfer/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "datasets/layout.hpp"
#include "migrate/script.hpp"
#include "migrations/list.hpp"

namespace unity::db::transfer {
namespace {

// What was done to one database says nothing of another.
constexpr std::string_view kLeftOut[] = {"maintenance_jobs", "schema_migrations"};

constexpr std::string_view kDatasets = "datasets";

std::optional<std::size_t> find_time_column(const schema::Table& table) {
  for (const auto& name : table.primary_key) {
    const auto index = table.index_of(name);
    if (table.columns[index].type == Type::time) return index;
  }
  return std::nullopt;
}

}  // namespace

std::vector<TransferTable> transfer_tables(int seq) {
  // Tables are the same in all dialects, and are there in an order that foreign keys allow.
  auto schema = schema_at(all_migrations(), seq, Dialect::sqlite);
  std::vector<TransferTable> tables;
  for (auto& table : schema.tables) {
    if (std::find(std::begin(kLeftOut), std::end(kLeftOut), table.name) != std::end(kLeftOut)) {
      continue;
    }
    const auto time_column = find_time_column(table);
    tables.push_back({std::move(table), time_column});
  }
  return tables;
}

std::vector<TransferTable> transfer_tables(int seq, const std::vector<Layout>& datasets) {
  auto tables = transfer_tables(seq);
  for (const auto& layout : datasets) {
    auto table = table_of(layout);
    // Its key may have other times.
    const auto time_column = table.index_of(layout.time);
    tables.push_back({std::move(table), time_column});
  }
  return tables;
}

bool is_dataset(const TransferTable& table) { return table.table.name.starts_with(kDatasetTables); }

const TransferTable* find_table(const std::vector<TransferTable>& tables, std::string_view name) {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [name](const auto& one) { return one.table.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

Result<std::vector<TransferTable>> choose_tables(std::vector<TransferTable> tables,
                                                 const std::vector<std::string>& names) {
  if (names.empty()) return tables;
  for (const auto& name : names) {
    if (find_table(tables, name) != nullptr) continue;
    std::vector<std::string> known;
    for (const auto& one : tables) known.push_back(one.table.name);
    return Error{Errc::invalid, fmt::format("there is no table \"{}\" to export; there are: {}",
                                            name, fmt::join(known, ", "))};
  }
  const auto is_chosen = [&names](const TransferTable& one) {
    return std::find(names.begin(), names.end(), one.table.name) != names.end();
  };
  const bool with_datasets = std::any_of(tables.begin(), tables.end(), [&](const auto& one) {
    return is_dataset(one) && is_chosen(one);
  });
  // What its rows mean, and of which device they speak.
  const auto belongs = [&](const TransferTable& one) {
    return with_datasets && (one.table.name == kDatasets || one.table.name == "devices");
  };
  std::erase_if(tables, [&](const TransferTable& one) { return !is_chosen(one) && !belongs(one); });
  return tables;
}

}  // namespace unity::db::transfer
