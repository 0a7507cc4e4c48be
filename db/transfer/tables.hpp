// Which tables are moved, and in which order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/layout.hpp"
#include "schema/model.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"

namespace unity::db::transfer {

struct TransferTable {
  schema::Table table;
  // The column by which its rows age, if they do: the one of type time in the key.
  std::optional<std::size_t> time_column;
};

// Some rows of a table.
struct Selection {
  const TransferTable& what;
  std::optional<Time> since;  // at this time or later; of a table whose rows do not age, all
};

// The tables of a schema at migration `seq`, each after those that it refers to. Left out are two
// that speak of a database itself: schema_migrations and maintenance_jobs.
std::vector<TransferTable> transfer_tables(int seq);
// Those, and the tables of datasets after them.
std::vector<TransferTable> transfer_tables(int seq, const std::vector<Layout>& datasets);

// The table of a dataset; what it consists of is in the table `datasets`.
bool is_dataset(const TransferTable& table);

// Those of `tables` that `names` says, or all if it is empty; with the table of a dataset,
// `datasets` and `devices` as well. Errc::invalid names what is not there.
Result<std::vector<TransferTable>> choose_tables(std::vector<TransferTable> tables,
                                                 const std::vector<std::string>& names);

const TransferTable* find_table(const std::vector<TransferTable>& tables, std::string_view name);

}  // namespace unity::db::transfer
