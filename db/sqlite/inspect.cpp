#include "sqlite/inspect.hpp"

#include <fmt/format.h>

#include <functional>

#include "migrate/writer.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kDoing = "read the catalog of";

// Calls `take` for each row.
Result<void> for_each(Connection& connection, std::string_view sql, std::string_view parameter,
                      const std::function<void(Statement&)>& take) {
  auto rows = connection.prepare(sql, kDoing);
  if (!rows) return std::move(rows).error();
  if (!parameter.empty()) rows->bind(parameter);
  while (true) {
    auto row = connection.next(*rows, kDoing);
    if (!row) return std::move(row).error();
    if (!*row) return {};
    take(*rows);
  }
}

std::string text(Statement& row, int column) { return std::string(row.text(column)); }

// The end of a text that begins with a bracket: behind the bracket that closes it.
std::size_t bracket_end(std::string_view sql, std::size_t begin) {
  int depth = 0;
  bool quoted = false;
  for (auto i = begin; i < sql.size(); ++i) {
    if (sql[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    depth += sql[i] == '(' ? 1 : sql[i] == ')' ? -1 : 0;
    if (depth == 0) return i + 1;
  }
  return sql.size();
}

// Only the text of a table says what its checks are.
std::vector<std::string> checks_in(std::string_view sql) {
  constexpr std::string_view word = "CHECK (";
  std::vector<std::string> checks;
  for (auto at = sql.find(word); at != sql.npos; at = sql.find(word, at)) {
    const auto begin = at + word.size() - 1;
    at = bracket_end(sql, begin);
    checks.emplace_back(sql.substr(begin, at - begin));
  }
  return checks;
}

Result<void> read_columns(Connection& connection, std::string_view name,
                          schema::CatalogTable& table) {
  schema::Names key;
  auto done = for_each(connection,
                       "SELECT name, type, \"notnull\", coalesce(dflt_value, ''), pk "
                       "FROM pragma_table_info(?) ORDER BY cid",
                       name, [&](Statement& row) {
                         const bool is_rowid = row.integer(4) == 1 && row.integer(2) == 0;
                         table.columns.push_back({text(row, 0), text(row, 1),
                                                  row.integer(2) == 0 && !is_rowid, text(row, 3)});
                       });
  if (!done) return done;
  done = for_each(connection, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk",
                  name, [&](Statement& row) { key.push_back(text(row, 0)); });
  table.primary_key = schema::join(key);
  return done;
}

Result<void> read_keys(Connection& connection, std::string_view name, schema::CatalogTable& table) {
  return for_each(
      connection, "SELECT \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list(?)",
      name, [&](Statement& row) {
        table.foreign_keys.insert(
            schema::describe({{}, text(row, 0), text(row, 1), text(row, 2), text(row, 3)}));
      });
}

Result<void> read_indexes(Connection& connection, std::string_view name,
                          schema::CatalogTable& table) {
  return for_each(
      connection,
      "SELECT l.name, l.origin, "
      "(SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(l.name) "
      "ORDER BY seqno)) FROM pragma_index_list(?) l WHERE l.origin IN ('u', 'c')",
      name, [&](Statement& row) {
        if (row.text(1) == "u") {
          table.uniques.insert(text(row, 2));
        } else {
          table.indexes.emplace(text(row, 0), text(row, 2));
        }
      });
}

}  // namespace

Result<schema::Catalog> inspect(Connection& connection) {
  schema::Catalog catalog;
  auto done = for_each(connection,
                       "SELECT name, sql, type FROM sqlite_master WHERE type IN ('table', 'view') "
                       "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
                       {}, [&](Statement& row) {
                         if (row.text(2) == "view") {
                           catalog.views.insert(text(row, 0));
                         } else {
                           catalog.tables[text(row, 0)].checks = checks_in(row.text(1));
                         }
                       });
  if (!done) return std::move(done).error();
  for (auto& [name, table] : catalog.tables) {
    for (const auto read : {read_columns, read_keys, read_indexes}) {
      if (auto good = read(connection, name, table); !good) return std::move(good).error();
    }
  }
  return catalog;
}

Result<schema::Catalog> expected_catalog(const schema::Schema& schema) {
  auto connection = Connection::open(":memory:", OpenMode::create);
  if (!connection) return std::move(connection).error();
  const auto make = [&](const schema::Change& change) -> Result<void> {
    for (const auto& statement : sqlite_writer().statements(change)) {
      if (auto done = connection->execute(statement.c_str(), "make a model of"); !done) return done;
    }
    return {};
  };
  for (const auto& table : schema.tables) {
    if (auto done = make(schema::TableChange{std::nullopt, table}); !done) {
      return std::move(done).error();
    }
  }
  for (const auto& index : schema.indexes) {
    if (auto done = make(schema::IndexChange{std::nullopt, index}); !done) {
      return std::move(done).error();
    }
  }
  for (const auto& view : schema.views) {
    if (auto done = make(schema::ViewChange{std::nullopt, view}); !done) {
      return std::move(done).error();
    }
  }
  return inspect(*connection);
}

}  // namespace unity::db
