// What a schema consists of, as values: the sum of the migrations, or what a dataset asks for.
// Says nothing of how a database writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/ops.hpp"

namespace unity::db::schema {

using Names = std::vector<std::string>;

struct Column {
  std::string name;
  Type type{};
  int length = 0;  // str only
  bool nullable = false;
  std::string default_value;  // an SQL constant; empty: none
  bool operator==(const Column&) const = default;
};

struct Unique {
  std::string name;
  Names columns;
  bool operator==(const Unique&) const = default;
};

struct ForeignKey {
  std::string name;
  std::string column;
  std::string target_table;
  std::string target_column;
  std::string on_delete;
  bool operator==(const ForeignKey&) const = default;
};

struct Check {
  std::string name;
  std::string expression;
  bool operator==(const Check&) const = default;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  Names primary_key;
  std::vector<Unique> uniques;
  std::vector<ForeignKey> foreign_keys;
  std::vector<Check> checks;
  std::string partition_by;  // empty: not partitioned
  Names segment_by;          // as CreateTable has it
  bool operator==(const Table&) const = default;

  const Column* find(std::string_view column) const;
  // Where it is among the columns; it must be there.
  std::size_t index_of(std::string_view column) const;
  // Whether the database gives out the key.
  bool has_generated_key() const;
};

struct Index {
  std::string name;
  std::string table;
  Names columns;
  bool operator==(const Index&) const = default;
};

struct View {
  std::string name;
  std::string select;  // as one dialect writes it
  bool operator==(const View&) const = default;
};

// In the order in which they were made, which is one that foreign keys and views allow.
struct Schema {
  std::vector<Table> tables;
  std::vector<Index> indexes;
  std::vector<View> views;

  const Table* find_table(std::string_view name) const;
  const Index* find_index(std::string_view name) const;
  const View* find_view(std::string_view name) const;
  std::vector<Index> indexes_of(std::string_view table) const;
};

Column to_column(const db::Column& column);
Table to_table(const CreateTable& table);
Index to_index(const CreateIndex& index);
View to_view(const CreateView& view, Dialect dialect);

}  // namespace unity::db::schema
