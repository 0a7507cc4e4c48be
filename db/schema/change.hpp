// One step from a schema to the next, with what is there before and after: so it can be rendered,
// undone and judged without knowing how it came about.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "schema/model.hpp"

namespace unity::db::schema {

// `before` is absent where a table is made, `after` where it is dropped.
struct TableChange {
  std::optional<Table> before;
  std::optional<Table> after;
  std::vector<std::pair<std::string, std::string>> renamed = {};  // columns: before, after
  std::vector<Index> indexes = {};  // of the table, for a database that makes it anew

  // What `column` of `after` was before; null if it is new.
  const Column* origin(const Column& column) const;
  // Columns of `before` that `after` has no more.
  std::vector<const Column*> dropped() const;
};

struct IndexChange {
  std::optional<Index> before;
  std::optional<Index> after;
  bool concurrently = false;  // while others write to the table
};

struct ViewChange {
  std::optional<View> before;
  std::optional<View> after;
};

using Change = std::variant<TableChange, IndexChange, ViewChange>;

// Brings `schema` on by one operation. An operation that does not fit is a bug of the migration.
Change apply(Schema& schema, const Op& op, Dialect dialect);

// Back to where it came from.
Change reversed(Change change);

// "drops the column devices.metadata": what of the data would be lost; empty if nothing.
std::string loss_of(const Change& change);

// "table devices", "index ix_incidents_src", "view alerts"
std::string subject_of(const Change& change);

// The schema that `operations` make of an empty one.
void apply_all(Schema& schema, std::span<const Op> operations, Dialect dialect);

// Whether each value of `from` is one of `to` as well.
bool is_wider(const Column& from, const Column& to);

}  // namespace unity::db::schema
