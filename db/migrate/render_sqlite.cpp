// SQLite: STRICT tables, which check types but know no lengths or ranges; WITHOUT ROWID wherever
// the key is ours, so that rows lie in its order and are stored once.
#include <fmt/format.h>

#include "migrate/render.hpp"

namespace unity::db {
namespace {

std::string_view storage_type(Type type) {
  switch (type) {
    case Type::id:
    case Type::time:
    case Type::i16:
    case Type::i32:
    case Type::i64:
    case Type::boolean:
      return "INTEGER";
    case Type::f64:
      return "REAL";
    case Type::uuid:
    case Type::bin:
    case Type::hash:
      return "BLOB";
    case Type::json:
    case Type::str:
    case Type::text:
    case Type::numbers:
      return "TEXT";
  }
  return {};
}

// What the storage type alone does not promise. A check that is NULL passes.
std::string value_check(const Column& column) {
  switch (column.type) {
    case Type::uuid:
      return fmt::format("length(\"{}\") = 16", column.name);
    case Type::hash:
      return fmt::format("length(\"{}\") = 32", column.name);
    case Type::i16:
      return fmt::format("\"{}\" BETWEEN -32768 AND 32767", column.name);
    case Type::i32:
      return fmt::format("\"{}\" BETWEEN -2147483648 AND 2147483647", column.name);
    case Type::boolean:
      return fmt::format("\"{}\" IN (0, 1)", column.name);
    case Type::json:
      // json_valid(NULL) is 0.
      return column.nullable ? fmt::format("\"{0}\" IS NULL OR json_valid(\"{0}\")", column.name)
                             : fmt::format("json_valid(\"{}\")", column.name);
    case Type::str:
      return fmt::format("length(\"{}\") <= {}", column.name, column.length);
    case Type::id:
    case Type::time:
    case Type::f64:
    case Type::i64:
    case Type::text:
    case Type::bin:
    case Type::numbers:  // written by nobody but us, and too often to be parsed again
      return {};
  }
  return {};
}

std::string render_column(const Column& column) {
  auto sql = fmt::format("  \"{}\" {}", column.name, storage_type(column.type));
  if (column.type == Type::id) return sql + " PRIMARY KEY AUTOINCREMENT";
  if (!column.nullable) sql += " NOT NULL";
  if (!column.default_value.empty()) sql += fmt::format(" DEFAULT {}", column.default_value);
  const auto check = value_check(column);
  return check.empty() ? sql : fmt::format("{} CHECK ({})", sql, check);
}

struct Renderer {
  std::string operator()(const CreateTable& table) const {
    auto sql = fmt::format("CREATE TABLE \"{}\" (", table.name);
    auto add = [&sql, first = true](const std::string& line) mutable {
      sql += first ? "\n" : ",\n";
      sql += line;
      first = false;
    };
    for (const auto& column : table.columns) add(render_column(column));
    if (!table.primary_key.empty()) {
      add(fmt::format("  CONSTRAINT \"pk_{}\" PRIMARY KEY ({})", table.name,
                      quote_columns(table.primary_key)));
    }
    for (const auto& unique : table.uniques) {
      add(fmt::format("  CONSTRAINT \"{}\" UNIQUE ({})", unique.name,
                      quote_columns(unique.columns)));
    }
    for (const auto& key : table.foreign_keys) {
      add(fmt::format(
          "  CONSTRAINT \"{}\" FOREIGN KEY (\"{}\") REFERENCES \"{}\" (\"{}\") ON DELETE {}",
          key.name, key.column, key.target_table, key.target_column, key.on_delete));
    }
    for (const auto& check : table.checks) {
      add(fmt::format("  CONSTRAINT \"{}\" CHECK ({})", check.name, check.expression));
    }
    return sql + (table.primary_key.empty() ? "\n) STRICT" : "\n) STRICT, WITHOUT ROWID");
  }

  std::string operator()(const CreateIndex& index) const {
    return fmt::format("CREATE INDEX \"{}\" ON \"{}\" ({})", index.name, index.table,
                       quote_columns(index.columns));
  }

  std::string operator()(const CreateView& view) const {
    return fmt::format("CREATE VIEW \"{}\" AS\n{}", view.name, body_for(view, Dialect::sqlite));
  }
};

}  // namespace

std::string render_sqlite(const Op& op) { return std::visit(Renderer(), op); }

}  // namespace unity::db
