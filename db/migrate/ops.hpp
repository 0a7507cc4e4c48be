// What a migration is made of: a small closed set of operations, written once as constants and
// rendered for each database. A list of columns is one text, "device_id, instance".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace unity::db {

enum class Type : std::uint8_t {
  id,    // a number that the database gives out; the primary key of its table
  uuid,  // 16 bytes, made by us
  time,  // UTC in microseconds
  f64,
  i16,
  i32,
  i64,
  boolean,
  json,
  str,  // text of at most `length` characters
  text,
  bin,
  hash,     // 32 bytes
  numbers,  // doubles, absent ones null: an array type, or JSON where there is none
};

struct Column {
  std::string_view name;
  Type type;
  int length = 0;  // str only
  bool nullable = false;
  std::string_view default_value = {};  // an SQL constant; empty: none
};

constexpr Column str(std::string_view name, int length) { return {name, Type::str, length}; }
constexpr Column nullable(Column column) {
  column.nullable = true;
  return column;
}
constexpr Column with_default(Column column, std::string_view value) {
  column.default_value = value;
  return column;
}

struct Unique {
  std::string_view name;
  std::string_view columns;
};

struct ForeignKey {
  std::string_view name;
  std::string_view column;
  std::string_view target_table;
  std::string_view target_column;
  std::string_view on_delete;  // "CASCADE", "RESTRICT", "SET NULL"
};

struct Check {
  std::string_view name;
  std::string_view expression;  // of SQL that every database understands
};

struct CreateTable {
  std::string_view name;
  std::span<const Column> columns;
  std::string_view primary_key = {};  // empty: the column of type id
  std::span<const Unique> uniques = {};
  std::span<const ForeignKey> foreign_keys = {};
  std::span<const Check> checks = {};
  // A column of type time: the table is cut into ranges of it where the database can. The ranges
  // themselves come and go with the data and are the adapter's business.
  std::string_view partition_by = {};
};

struct CreateIndex {
  std::string_view name;
  std::string_view table;
  std::string_view columns;
};

enum class Dialect : std::uint8_t { postgresql, sqlite };
inline constexpr Dialect kDialects[] = {Dialect::postgresql, Dialect::sqlite};
constexpr std::string_view to_text(Dialect dialect) {
  return dialect == Dialect::postgresql ? "postgresql" : "sqlite";
}
// Of a database that partitions tables by itself.
constexpr bool has_partitions(Dialect dialect) { return dialect == Dialect::postgresql; }

struct ViewBody {
  Dialect dialect;
  std::string_view select;
};

// A view's query is beyond what renders mechanically: each dialect has its own.
struct CreateView {
  std::string_view name;
  std::span<const ViewBody> bodies;
};

using Op = std::variant<CreateTable, CreateIndex, CreateView>;

struct Migration {
  int seq;
  std::string_view name;
  std::span<const Op> (*ops)();
};

}  // namespace unity::db
