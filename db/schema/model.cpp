#include "schema/model.hpp"

#include <algorithm>
#include <cassert>

#include "migrate/columns.hpp"

namespace unity::db::schema {
namespace {

Names names_of(std::string_view columns) {
  const auto parts = split_columns(columns);
  return {parts.begin(), parts.end()};
}

template <class Things>
auto find_by_name(const Things& things, std::string_view name) -> decltype(&*things.begin()) {
  const auto found = std::find_if(things.begin(), things.end(),
                                  [name](const auto& thing) { return thing.name == name; });
  return found == things.end() ? nullptr : &*found;
}

Names primary_key_of(const CreateTable& table) {
  if (!table.primary_key.empty()) return names_of(table.primary_key);
  for (const auto& column : table.columns) {
    if (column.type == Type::id) return {std::string(column.name)};
  }
  assert(!"a table needs a primary key");
  return {};
}

}  // namespace

const Column* Table::find(std::string_view column) const { return find_by_name(columns, column); }

std::size_t Table::index_of(std::string_view column) const {
  const auto* found = find(column);
  assert(found != nullptr);
  return static_cast<std::size_t>(found - columns.data());
}

bool Table::has_generated_key() const {
  return std::any_of(columns.begin(), columns.end(),
                     [](const Column& column) { return column.type == Type::id; });
}

const Table* Schema::find_table(std::string_view name) const { return find_by_name(tables, name); }
const Index* Schema::find_index(std::string_view name) const { return find_by_name(indexes, name); }
const View* Schema::find_view(std::string_view name) const { return find_by_name(views, name); }

std::vector<Index> Schema::indexes_of(std::string_view table) const {
  std::vector<Index> found;
  std::copy_if(indexes.begin(), indexes.end(), std::back_inserter(found),
               [table](const Index& index) { return index.table == table; });
  return found;
}

Column to_column(const db::Column& column) {
  return {std::string(column.name), column.type, column.length, column.nullable,
          std::string(column.default_value)};
}

Table to_table(const CreateTable& table) {
  Table made;
  made.name = table.name;
  for (const auto& column : table.columns) made.columns.push_back(to_column(column));
  made.primary_key = primary_key_of(table);
  for (const auto& unique : table.uniques) {
    made.uniques.push_back({std::string(unique.name), names_of(unique.columns)});
  }
  for (const auto& key : table.foreign_keys) {
    made.foreign_keys.push_back({std::string(key.name), std::string(key.column),
                                 std::string(key.target_table), std::string(key.target_column),
                                 std::string(key.on_delete)});
  }
  for (const auto& check : table.checks) {
    made.checks.push_back({std::string(check.name), std::string(check.expression)});
  }
  made.partition_by = table.partition_by;
  made.segment_by = names_of(table.segment_by);
  return made;
}

Index to_index(const CreateIndex& index) {
  return {std::string(index.name), std::string(index.table), names_of(index.columns)};
}

View to_view(const CreateView& view, Dialect dialect) {
  std::string select(body_for(view, dialect));
  // One that all databases share has no quotes but those of names.
  if (dialect == Dialect::mariadb && !has_own_body(view, dialect)) {
    std::replace(select.begin(), select.end(), '"', '`');
  }
  return {std::string(view.name), std::move(select)};
}

}  // namespace unity::db::schema
