// What a migration is made of: a small closed set of operations, written once as constants and
// rendered for each database. A list of columns is one text, "device_id, instance".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace unity::db {

enum class Type : std::uint8_t {
  id,    // a number that the database gives out; the primary key of its table
  uuid,  // 16 bytes, made by us
  time,  // UTC in microseconds
  f64,
  i16,  // each integer is wider than the one before
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
  // Where the database compresses old ranges: by which columns rows are kept together, which are
  // those that tell things apart. A hint, which no checksum holds.
  std::string_view segment_by = {};
};

struct CreateIndex {
  std::string_view name;
  std::string_view table;
  std::string_view columns;
  // Writers of the table go on meanwhile, in a database that makes them wait otherwise. Such an
  // index is made outside of a transaction: what its migration did before it is final by then. A
  // hint, which no checksum holds, but which stays once it is released: a migration that was cut
  // off goes on by it. A table that is cut by time does not take it.
  bool concurrently = false;
};

enum class Dialect : std::uint8_t { mariadb, postgresql, sqlite, timescaledb };
inline constexpr Dialect kDialects[] = {Dialect::mariadb, Dialect::postgresql, Dialect::sqlite,
                                        Dialect::timescaledb};
constexpr std::string_view to_text(Dialect dialect) {
  switch (dialect) {
    case Dialect::mariadb:
      return "mariadb";
    case Dialect::postgresql:
      return "postgresql";
    case Dialect::sqlite:
      return "sqlite";
    case Dialect::timescaledb:
      return "timescaledb";
  }
  return {};
}
// TimescaleDB is PostgreSQL that cuts tables by time in its own way.
constexpr Dialect base_of(Dialect dialect) {
  return dialect == Dialect::timescaledb ? Dialect::postgresql : dialect;
}
// Of a database that partitions tables by itself.
constexpr bool has_partitions(Dialect dialect) { return dialect != Dialect::sqlite; }

struct ViewBody {
  std::optional<Dialect> dialect;  // empty: all that have none of their own
  std::string_view select;
};

// A view's query is beyond what renders mechanically: a dialect may have its own.
struct CreateView {
  std::string_view name;
  std::span<const ViewBody> bodies;
};

// What is there already is changed by these. A name that is not there is a mistake in the
// migration.
struct AddColumn {
  std::string_view table;
  Column column;
};
// `column` as it is from now on: of a wider type, with another default, with or without NULL.
struct ChangeColumn {
  std::string_view table;
  Column column;
};
struct RenameColumn {
  std::string_view table;
  std::string_view from;
  std::string_view to;
};
struct DropColumn {
  std::string_view table;
  std::string_view column;
};
struct AddUnique {
  std::string_view table;
  Unique unique;
};
struct AddForeignKey {
  std::string_view table;
  ForeignKey key;
};
struct AddCheck {
  std::string_view table;
  Check check;
};
struct DropTable {
  std::string_view name;
};
struct DropIndex {
  std::string_view name;
};
struct DropView {
  std::string_view name;
};

using Op =
    std::variant<CreateTable, CreateIndex, CreateView, AddColumn, ChangeColumn, RenameColumn,
                 DropColumn, AddUnique, AddForeignKey, AddCheck, DropTable, DropIndex, DropView>;

struct Migration {
  int seq;
  std::string_view name;
  std::span<const Op> (*ops)();
  // An older version of unity cannot work with the schema any more.
  bool breaking = false;
};

}  // namespace unity::db
