// Takes columns away that no longer are declared, once nobody can want their rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/schema_session.hpp"

namespace unity::db {

// A column that is no longer declared.
struct PrunableColumn {
  std::string dataset;
  std::string column;
  Time deprecated_at{};
  std::optional<Time> until;  // its rows are kept so long; nothing: for ever
  bool dropped = false;
};

// Drops those of `dataset` (of all, if empty) whose time is over at `now`, if `confirmed`; else
// only says which they are. One whose rows are kept for ever goes only with its dataset's name.
// Under the lock of the schema if confirmed. Errc::not_found if there is no such dataset.
Result<std::vector<PrunableColumn>> prune_datasets(SchemaSession& session, std::string_view dataset,
                                                   Time now, bool confirmed);

}  // namespace unity::db
