// SQLite: STRICT tables, which check types but know no lengths or ranges; WITHOUT ROWID wherever
// the key is ours, so that rows lie in its order and are stored once. What it cannot alter is made
// anew from the model: no list of columns is written by hand, so none can be forgotten.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "migrate/writer.hpp"

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
std::string value_check(const schema::Column& column) {
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

std::string define(const schema::Column& column) {
  auto sql = fmt::format("\"{}\" {}", column.name, storage_type(column.type));
  if (column.type == Type::id) return sql + " PRIMARY KEY AUTOINCREMENT";
  if (!column.nullable) sql += " NOT NULL";
  if (!column.default_value.empty()) sql += fmt::format(" DEFAULT {}", column.default_value);
  const auto check = value_check(column);
  return check.empty() ? sql : fmt::format("{} CHECK ({})", sql, check);
}

// Columns were added at the end, each with a value for the rows that are there; all else is as it
// was.
bool only_adds_columns(const schema::TableChange& change) {
  auto without = *change.after;
  const auto old = change.before->columns.size();
  if (without.columns.size() <= old) return false;
  const auto added = without.columns.begin() + static_cast<std::ptrdiff_t>(old);
  const bool have_values = std::all_of(added, without.columns.end(), [](const auto& column) {
    return column.nullable || !column.default_value.empty();
  });
  without.columns.erase(added, without.columns.end());
  return have_values && without == *change.before;
}

class SqliteWriter final : public Writer {
 public:
  std::string bytes_literal(std::string_view hex) const override {
    return fmt::format("X'{}'", hex);
  }
  std::string_view current_time() const override { return "unixepoch() * 1000000"; }
  std::string_view true_literal() const override { return "1"; }
  std::string_view script_begin() const override {
    return ".bail on\nPRAGMA auto_vacuum = INCREMENTAL;\nPRAGMA journal_mode = WAL;\n"
           "PRAGMA foreign_keys = OFF;\nPRAGMA legacy_alter_table = ON;\nBEGIN IMMEDIATE;\n";
  }
  std::string_view script_end() const override { return "COMMIT;\n"; }

 protected:
  using Writer::create;

  std::string create(const schema::Table& table) const override {
    return create_as(table, table.name);
  }

  Statements alter(const schema::TableChange& change) const override {
    const auto& after = *change.after;
    if (!only_adds_columns(change)) return rebuild(change);
    Statements made;
    for (auto i = change.before->columns.size(); i < after.columns.size(); ++i) {
      made.push_back(
          fmt::format("ALTER TABLE {} ADD COLUMN {}", quote(after.name), define(after.columns[i])));
    }
    return made;
  }

 private:
  std::string create_as(const schema::Table& table, std::string_view name) const {
    Statements lines;
    for (const auto& column : table.columns) lines.push_back(define(column));
    if (!table.has_generated_key()) lines.push_back(primary_key(table));
    for (auto& constraint : constraints(table)) lines.push_back(std::move(constraint));
    return fmt::format("CREATE TABLE {} (\n  {}\n) STRICT{}", quote(name),
                       fmt::join(lines, ",\n  "),
                       table.has_generated_key() ? "" : ", WITHOUT ROWID");
  }

  // Whoever runs this has switched foreign keys off before the transaction began: else dropping the
  // old table takes along what refers to it.
  Statements rebuild(const schema::TableChange& change) const {
    const auto& after = *change.after;
    const auto fresh = after.name + "__new";
    schema::Names to;
    schema::Names from;
    for (const auto& column : after.columns) {
      const auto* origin = change.origin(column);
      if (origin == nullptr) continue;
      to.push_back(column.name);
      from.push_back(origin->name);
    }
    Statements made{create_as(after, fresh),
                    fmt::format("INSERT INTO {} ({})\nSELECT {} FROM {}", quote(fresh),
                                quote_all(to), quote_all(from), quote(after.name))};
    if (after.has_generated_key()) {
      // A number that was given out once is never given out again, whatever was deleted since.
      made.push_back(fmt::format("DELETE FROM sqlite_sequence WHERE name = '{}'", fresh));
      made.push_back(
          fmt::format("INSERT INTO sqlite_sequence (name, seq)\n"
                      "SELECT '{}', seq FROM sqlite_sequence WHERE name = '{}'",
                      fresh, after.name));
    }
    made.push_back(fmt::format("DROP TABLE {}", quote(after.name)));
    made.push_back(fmt::format("ALTER TABLE {} RENAME TO {}", quote(fresh), quote(after.name)));
    for (const auto& index : change.indexes) made.push_back(create(index));
    return made;
  }
};

}  // namespace

const Writer& sqlite_writer() {
  static const SqliteWriter writer;
  return writer;
}

}  // namespace unity::db
