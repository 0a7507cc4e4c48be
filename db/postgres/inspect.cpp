#include "postgres/inspect.hpp"

#include <fmt/format.h>

#include "postgres/timescale.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kDoing = "read the catalog of";

// Of each query the first column is the name of the table.
constexpr const char* kTables =
    "SELECT c.relname::text, c.relkind = 'v', coalesce((SELECT a.attname FROM pg_attribute a "
    "WHERE a.attrelid = c.oid AND a.attnum = p.partattrs[0]), '')::text "
    "FROM pg_class c LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid "
    "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v') "
    "AND NOT c.relispartition AND NOT EXISTS "
    "(SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')";
constexpr const char* kColumns =
    "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) || "
    "CASE WHEN a.attidentity <> '' THEN ' identity' ELSE '' END, NOT a.attnotnull, "
    "coalesce(pg_get_expr(d.adbin, d.adrelid), '') "
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
    "AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
    "WHERE c.relnamespace = current_schema()::regnamespace ORDER BY c.relname, a.attnum";
constexpr const char* kConstraints =
    "SELECT c.relname::text, k.contype::text, coalesce((SELECT string_agg(a.attname, ', ' "
    "ORDER BY u.nr) FROM unnest(k.conkey) WITH ORDINALITY u(col, nr) JOIN pg_attribute a "
    "ON a.attrelid = c.oid AND a.attnum = u.col), ''), coalesce(t.relname, '')::text, "
    "coalesce((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid "
    "AND a.attnum = k.confkey[1]), '')::text, "
    "CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' "
    "WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION' END, "
    "coalesce(pg_get_expr(k.conbin, k.conrelid), '') "
    "FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
    "LEFT JOIN pg_class t ON t.oid = k.confrelid "
    "WHERE c.relnamespace = current_schema()::regnamespace";
// An index that a server could not finish is none.
constexpr const char* kIndexes =
    "SELECT c.relname::text, i.relname::text, (SELECT string_agg(a.attname, ', ' ORDER BY u.nr) "
    "FROM unnest(x.indkey) WITH ORDINALITY u(col, nr) JOIN pg_attribute a "
    "ON a.attrelid = c.oid AND a.attnum = u.col) "
    "FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid "
    "WHERE c.relnamespace = current_schema()::regnamespace AND x.indisvalid AND NOT EXISTS "
    "(SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u'))";

std::string text(const Rows& rows, int row, int column) {
  return std::string(rows.bytes(row, column));
}

// "'gauge'::character varying" and FALSE, as a migration writes them.
std::string plain_default(std::string value) {
  if (const auto cast = value.find("::"); cast != value.npos) value.resize(cast);
  if (value == "true") return "1";
  if (value == "false") return "0";
  return value;
}

std::string reported_type(const schema::Column& column) {
  switch (column.type) {
    case Type::id:
      return "bigint identity";
    case Type::uuid:
      return "uuid";
    case Type::time:
      return "timestamp with time zone";
    case Type::f64:
      return "double precision";
    case Type::i16:
      return "smallint";
    case Type::i32:
      return "integer";
    case Type::i64:
      return "bigint";
    case Type::boolean:
      return "boolean";
    case Type::json:
      return "jsonb";
    case Type::str:
      return fmt::format("character varying({})", column.length);
    case Type::text:
      return "text";
    case Type::bin:
    case Type::hash:
      return "bytea";
    case Type::numbers:
      return "double precision[]";
  }
  return {};
}

// How a catalog says that TimescaleDB cuts a table.
std::string hypertable_by(std::string_view column) {
  return fmt::format("hypertable by {}", column);
}

schema::CatalogTable expected_table(const schema::Table& table, Dialect dialect) {
  schema::CatalogTable made;
  for (const auto& column : table.columns) {
    made.columns.push_back(
        {column.name, reported_type(column), column.nullable, column.default_value});
    if (column.type == Type::hash) {
      made.checks.push_back(fmt::format("octet_length({}) = 32", column.name));
    }
  }
  made.primary_key = schema::join(table.primary_key);
  made.partition_by = table.partition_by;
  if (dialect == Dialect::timescaledb && !table.partition_by.empty()) {
    made.partition_by = hypertable_by(table.partition_by);
  }
  for (const auto& unique : table.uniques) made.uniques.insert(schema::join(unique.columns));
  for (const auto& key : table.foreign_keys) made.foreign_keys.insert(schema::describe(key));
  for (const auto& check : table.checks) made.checks.push_back(check.expression);
  return made;
}

void add_constraint(schema::CatalogTable& table, const Rows& rows, int row) {
  const auto columns = text(rows, row, 2);
  switch (rows.bytes(row, 1).front()) {
    case 'p':
      table.primary_key = columns;
      break;
    case 'u':
      table.uniques.insert(columns);
      break;
    case 'f':
      table.foreign_keys.insert(schema::describe(
          {{}, columns, text(rows, row, 3), text(rows, row, 4), text(rows, row, 5)}));
      break;
    case 'c':
      table.checks.push_back(text(rows, row, 6));
      break;
    default:
      break;
  }
}

}  // namespace

Result<schema::Catalog> inspect(Connection& connection) {
  schema::Catalog catalog;
  auto tables = connection.query(kTables, Parameters(), kDoing);
  if (!tables) return std::move(tables).error();
  for (int i = 0; i < tables->size(); ++i) {
    if (tables->flag(i, 1)) {
      catalog.views.insert(text(*tables, i, 0));
    } else {
      catalog.tables[text(*tables, i, 0)].partition_by = text(*tables, i, 2);
    }
  }
  auto timescale = look_for_timescale(connection);
  if (!timescale) return std::move(timescale).error();
  for (const auto& [name, column] : timescale->hypertables) {
    const auto table = catalog.tables.find(name);
    if (table != catalog.tables.end()) table->second.partition_by = hypertable_by(column);
  }
  const auto table_of = [&catalog](const Rows& rows, int row) -> schema::CatalogTable* {
    const auto found = catalog.tables.find(text(rows, row, 0));
    return found == catalog.tables.end() ? nullptr : &found->second;
  };
  auto columns = connection.query(kColumns, Parameters(), kDoing);
  if (!columns) return std::move(columns).error();
  for (int i = 0; i < columns->size(); ++i) {
    auto* table = table_of(*columns, i);
    if (table == nullptr) continue;
    table->columns.push_back({text(*columns, i, 1), text(*columns, i, 2), columns->flag(i, 3),
                              plain_default(text(*columns, i, 4))});
  }
  auto constraints = connection.query(kConstraints, Parameters(), kDoing);
  if (!constraints) return std::move(constraints).error();
  for (int i = 0; i < constraints->size(); ++i) {
    if (auto* table = table_of(*constraints, i)) add_constraint(*table, *constraints, i);
  }
  auto indexes = connection.query(kIndexes, Parameters(), kDoing);
  if (!indexes) return std::move(indexes).error();
  for (int i = 0; i < indexes->size(); ++i) {
    if (auto* table = table_of(*indexes, i)) {
      table->indexes.emplace(text(*indexes, i, 1), text(*indexes, i, 2));
    }
  }
  return catalog;
}

schema::Catalog expected_catalog(const schema::Schema& schema, Dialect dialect) {
  schema::Catalog catalog;
  for (const auto& table : schema.tables) {
    catalog.tables.emplace(table.name, expected_table(table, dialect));
  }
  for (const auto& index : schema.indexes) {
    catalog.tables[index.table].indexes.emplace(index.name, schema::join(index.columns));
  }
  for (const auto& view : schema.views) catalog.views.insert(view.name);
  return catalog;
}

}  // namespace unity::db::postgres
