// MariaDB: InnoDB tables whose texts compare by their bytes. Without padding, as "a" and "a " are
// two names; the plain utf8mb4_bin takes them for one. Times are BIGINT: its own types end in 2038,
// or know no time zone. One change of a table is one statement, which is all or nothing.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cassert>

#include "migrate/writer.hpp"

namespace unity::db {
namespace {

// A table cut by time has a first partition for all that is older than any row we can expect: the
// start of 2026. The others are the adapter's business, and always come after the last one.
constexpr std::string_view kFloor = "1767225600000000";

std::string storage_type(const schema::Column& column) {
  switch (column.type) {
    case Type::id:
    case Type::time:
    case Type::i64:
      return "BIGINT";
    case Type::uuid:
      return "BINARY(16)";
    case Type::f64:
      return "DOUBLE";
    case Type::i16:
      return "SMALLINT";
    case Type::i32:
      return "INT";
    case Type::boolean:
      return "BOOLEAN";
    case Type::json:
      return "JSON";
    case Type::str:
      return fmt::format("VARCHAR({})", column.length);
    case Type::text:
    case Type::numbers:  // written by nobody but us, and too often to be parsed again, as JSON is
      return "MEDIUMTEXT";
    case Type::bin:
      return "LONGBLOB";
    case Type::hash:
      return "BINARY(32)";
  }
  return {};
}

class MariadbWriter final : public Writer {
 public:
  std::string bytes_literal(std::string_view hex) const override {
    return fmt::format("X'{}'", hex);
  }
  std::string_view current_time() const override { return "UNIX_TIMESTAMP() * 1000000"; }
  std::string_view true_literal() const override { return "TRUE"; }
  // Each statement is final: the client stops at the first that fails.
  std::string_view script_begin() const override { return "SET NAMES utf8mb4;\n"; }
  std::string_view script_end() const override { return ""; }

 protected:
  using Writer::create;

  std::string create(const schema::Table& table) const override {
    auto sql = fmt::format("CREATE TABLE {} (\n", quote(table.name));
    for (const auto& column : table.columns) sql += fmt::format("  {},\n", define(column));
    sql += fmt::format("  PRIMARY KEY ({})", quote_all(table.primary_key));
    assert(table.foreign_keys.empty() || table.partition_by.empty());  // MariaDB has not both
    for (const auto& constraint : constraints(table)) sql += ",\n  " + constraint;
    sql += "\n) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";
    if (!table.partition_by.empty()) {
      sql += fmt::format("\nPARTITION BY RANGE ({}) (PARTITION {} VALUES LESS THAN ({}))",
                         quote(table.partition_by), quote(kMariadbFloorPartition), kFloor);
    }
    return sql;
  }

  // With the rights of who asks: a definer may be gone after the database was restored elsewhere.
  std::string create(const schema::View& view) const override {
    return fmt::format("CREATE SQL SECURITY INVOKER VIEW {} AS\n{}", quote(view.name), view.select);
  }

  Statements alter(const schema::TableChange& change) const override {
    const auto& before = *change.before;
    const auto& after = *change.after;
    Statements clauses;
    if (change.renamed.empty()) {
      for (const auto& name : constraint_names_beyond(before, after)) {
        clauses.push_back("DROP CONSTRAINT " + quote(name));
      }
    }
    for (const auto& column : after.columns) {
      const auto* origin = change.origin(column);
      if (origin == nullptr) {
        clauses.push_back("ADD COLUMN " + define(column));
      } else if (origin->name != column.name) {
        clauses.push_back(fmt::format("CHANGE COLUMN {} {}", quote(origin->name), define(column)));
      } else if (*origin != column) {
        clauses.push_back("MODIFY COLUMN " + define(column));
      }
    }
    for (const auto* column : change.dropped()) {
      clauses.push_back("DROP COLUMN " + quote(column->name));
    }
    if (change.renamed.empty()) {
      for (const auto& constraint : constraints_beyond(after, before)) {
        clauses.push_back("ADD " + constraint);
      }
    }
    if (clauses.empty()) return {};
    return {fmt::format("ALTER TABLE {}\n  {}", quote(after.name), fmt::join(clauses, ",\n  "))};
  }

  std::string drop_index(const schema::Index& index) const override {
    return fmt::format("DROP INDEX {} ON {}", quote(index.name), quote(index.table));
  }
  std::string quote(std::string_view name) const override { return fmt::format("`{}`", name); }

 private:
  std::string define(const schema::Column& column) const {
    auto sql = fmt::format("{} {}", quote(column.name), storage_type(column));
    if (!column.nullable) sql += " NOT NULL";
    if (column.type == Type::id) sql += " AUTO_INCREMENT";
    if (!column.default_value.empty()) sql += " DEFAULT " + column.default_value;
    return sql;
  }
};

}  // namespace

const Writer& mariadb_writer() {
  static const MariadbWriter writer;
  return writer;
}

}  // namespace unity::db
