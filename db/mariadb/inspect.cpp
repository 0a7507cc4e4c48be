#include "mariadb/inspect.hpp"

#include <fmt/format.h>

namespace unity::db::mariadb {
namespace {

constexpr std::string_view kDoing = "read the catalog of";

// Of each query the first column is the name of the table. Each part of a query names the database
// by itself: what is joined to find it, the server looks for in all of its databases.
constexpr const char* kTables =
    "SELECT t.table_name, t.table_type = 'VIEW', COALESCE(p.expression, '') "
    "FROM information_schema.tables t LEFT JOIN (SELECT table_name, "
    "REPLACE(MIN(partition_expression), '`', '') AS expression "
    "FROM information_schema.partitions WHERE table_schema = DATABASE() GROUP BY table_name) p "
    "ON p.table_name = t.table_name WHERE t.table_schema = DATABASE() "
    "AND t.table_type IN ('BASE TABLE', 'VIEW')";
constexpr const char* kColumns =
    "SELECT table_name, column_name, CONCAT(column_type, IF(extra = 'auto_increment', "
    "' auto_increment', '')), is_nullable = 'YES', COALESCE(column_default, '') "
    "FROM information_schema.columns WHERE table_schema = DATABASE() "
    "ORDER BY table_name, ordinal_position";
// Keys and indexes: an index is unique if it stands for a constraint.
constexpr const char* kIndexes =
    "SELECT table_name, index_name, non_unique = 0, "
    "GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ', ') "
    "FROM information_schema.statistics WHERE table_schema = DATABASE() "
    "GROUP BY table_name, index_name, non_unique";
constexpr const char* kForeignKeys =
    "SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, "
    "k.referenced_column_name, r.delete_rule FROM information_schema.key_column_usage k "
    "JOIN information_schema.referential_constraints r ON "
    "r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name "
    "AND r.table_name = k.table_name WHERE k.table_schema = DATABASE() "
    "AND r.constraint_schema = DATABASE() "
    "AND k.referenced_table_name IS NOT NULL";
constexpr const char* kChecks =
    "SELECT table_name, check_clause FROM information_schema.check_constraints "
    "WHERE constraint_schema = DATABASE()";

std::string text(const Rows& rows, int row, int column) {
  return std::string(rows.bytes(row, column));
}

std::string reported_type(const schema::Column& column) {
  switch (column.type) {
    case Type::id:
      return "bigint(20) auto_increment";
    case Type::time:
    case Type::i64:
      return "bigint(20)";
    case Type::uuid:
      return "binary(16)";
    case Type::f64:
      return "double";
    case Type::i16:
      return "smallint(6)";
    case Type::i32:
      return "int(11)";
    case Type::boolean:
      return "tinyint(1)";
    case Type::json:
      return "longtext";
    case Type::str:
      return fmt::format("varchar({})", column.length);
    case Type::text:
    case Type::numbers:
      return "mediumtext";
    case Type::bin:
      return "longblob";
    case Type::hash:
      return "binary(32)";
  }
  return {};
}

schema::CatalogTable expected_table(const schema::Table& table) {
  schema::CatalogTable made;
  for (const auto& column : table.columns) {
    made.columns.push_back(
        {column.name, reported_type(column), column.nullable, column.default_value});
    if (column.type == Type::json) made.checks.push_back("json_valid(" + column.name + ")");
  }
  made.primary_key = schema::join(table.primary_key);
  made.partition_by = table.partition_by;
  for (const auto& unique : table.uniques) made.uniques.insert(schema::join(unique.columns));
  for (const auto& key : table.foreign_keys) made.foreign_keys.insert(schema::describe(key));
  for (const auto& check : table.checks) made.checks.push_back(check.expression);
  return made;
}

class Reading {
 public:
  explicit Reading(Connection& connection) : connection_(connection) {}

  Result<schema::Catalog> read() {
    for (const auto step : {&Reading::tables, &Reading::columns, &Reading::foreign_keys,
                            &Reading::indexes, &Reading::checks}) {
      if (auto done = (this->*step)(); !done) return std::move(done).error();
    }
    return std::move(catalog_);
  }

 private:
  Result<void> tables() {
    return each(kTables, [this](const Rows& rows, int i) {
      if (rows.flag(i, 1)) {
        catalog_.views.insert(text(rows, i, 0));
      } else {
        catalog_.tables[text(rows, i, 0)].partition_by = text(rows, i, 2);
      }
    });
  }
  Result<void> columns() {
    return each(kColumns, [this](const Rows& rows, int i) {
      if (auto* table = find(rows, i)) {
        auto value = text(rows, i, 4);
        if (value == "NULL") value.clear();
        table->columns.push_back(
            {text(rows, i, 1), text(rows, i, 2), rows.flag(i, 3), std::move(value)});
      }
    });
  }
  Result<void> foreign_keys() {
    return each(kForeignKeys, [this](const Rows& rows, int i) {
      key_names_.insert({text(rows, i, 0), text(rows, i, 1)});
      if (auto* table = find(rows, i)) {
        table->foreign_keys.insert(schema::describe(
            {{}, text(rows, i, 2), text(rows, i, 3), text(rows, i, 4), text(rows, i, 5)}));
      }
    });
  }
  // After the foreign keys: each has an index of its name, which is its own.
  Result<void> indexes() {
    return each(kIndexes, [this](const Rows& rows, int i) {
      auto* table = find(rows, i);
      const auto name = text(rows, i, 1);
      if (table == nullptr || key_names_.contains({text(rows, i, 0), name})) return;
      if (name == "PRIMARY") {
        table->primary_key = text(rows, i, 3);
      } else if (rows.flag(i, 2)) {
        table->uniques.insert(text(rows, i, 3));
      } else {
        table->indexes.emplace(name, text(rows, i, 3));
      }
    });
  }
  Result<void> checks() {
    return each(kChecks, [this](const Rows& rows, int i) {
      if (auto* table = find(rows, i)) table->checks.push_back(text(rows, i, 1));
    });
  }

  template <class Take>
  Result<void> each(const char* sql, Take take) {
    auto rows = connection_.query(sql, Parameters(), kDoing);
    if (!rows) return std::move(rows).error();
    for (int i = 0; i < rows->size(); ++i) take(*rows, i);
    return {};
  }

  schema::CatalogTable* find(const Rows& rows, int row) {
    const auto found = catalog_.tables.find(text(rows, row, 0));
    return found == catalog_.tables.end() ? nullptr : &found->second;
  }

  Connection& connection_;
  schema::Catalog catalog_;
  std::set<std::pair<std::string, std::string>> key_names_;  // table, foreign key
};

}  // namespace

Result<schema::Catalog> inspect(Connection& connection) { return Reading(connection).read(); }

schema::Catalog expected_catalog(const schema::Schema& schema) {
  schema::Catalog catalog;
  for (const auto& table : schema.tables) catalog.tables.emplace(table.name, expected_table(table));
  for (const auto& index : schema.indexes) {
    catalog.tables[index.table].indexes.emplace(index.name, schema::join(index.columns));
  }
  for (const auto& view : schema.views) catalog.views.insert(view.name);
  return catalog;
}

}  // namespace unity::db::mariadb
