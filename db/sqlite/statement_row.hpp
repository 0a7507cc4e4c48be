// What an SQLite statement gives, read as the rows of every database are.
#pragma once

#include <string_view>
#include <vector>

#include "base/row_values.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

// The row that a statement is at.
struct StatementRow {
  const Statement& at;

  bool is_null(int column) const { return at.is_null(column); }
  std::string_view bytes(int column) const { return at.text(column); }
  std::string_view json(int column) const { return at.text(column); }
  std::int64_t integer(int column) const { return at.integer(column); }
  double real(int column) const { return at.real(column); }
  Time time(int column) const { return at.time(column); }
  bool flag(int column) const { return at.integer(column) != 0; }
};

// All rows that a statement gives, each as `read` makes it of its values.
template <class Read>
auto read_all(Connection& connection, Statement& statement, std::string_view doing, Read read)
    -> Result<std::vector<decltype(read(RowValues(StatementRow{statement})))>> {
  std::vector<decltype(read(RowValues(StatementRow{statement})))> all;
  while (true) {
    const auto row = connection.next(statement, doing);
    if (!row) return row.error();
    if (!*row) return all;
    all.push_back(read(RowValues(StatementRow{statement})));
  }
}

}  // namespace unity::db
