// Rows of any database as values: what reads the columns of a table is written once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::db {

// The values of a row, one after the other. `Row` tells is_null(), bytes(), json(), integer(),
// real(), time() and flag() of a column.
template <class Row>
class RowValues {
 public:
  explicit RowValues(Row row) : row_(row) {}

  std::string text() { return std::string(row_.bytes(column_++)); }
  std::string_view bytes() { return row_.bytes(column_++); }
  std::string_view json() { return row_.json(column_++); }
  Time time() { return row_.time(column_++); }
  bool flag() { return row_.flag(column_++); }
  std::int64_t integer() { return row_.integer(column_++); }
  std::optional<bool> flag_or_null() { return is_null() ? skip<bool>() : flag(); }
  std::optional<std::int64_t> integer_or_null() {
    return is_null() ? skip<std::int64_t>() : integer();
  }
  std::optional<Time> time_or_null() { return is_null() ? skip<Time>() : time(); }
  std::optional<double> real_or_null() { return is_null() ? skip<double>() : row_.real(column_++); }

 private:
  bool is_null() const { return row_.is_null(column_); }
  template <class T>
  std::optional<T> skip() {
    ++column_;
    return std::nullopt;
  }

  Row row_;
  int column_ = 0;
};

// One row of a server's answer.
template <class Rows>
struct RowOf {
  const Rows& rows;
  int row;

  bool is_null(int column) const { return rows.is_null(row, column); }
  std::string_view bytes(int column) const { return rows.bytes(row, column); }
  std::string_view json(int column) const { return rows.json(row, column); }
  std::int64_t integer(int column) const { return rows.integer(row, column); }
  double real(int column) const { return rows.real(row, column); }
  Time time(int column) const { return rows.time(row, column); }
  bool flag(int column) const { return rows.flag(row, column); }
};

// All rows of a server's answer, each as `read` makes it of its values.
template <class Rows, class Read>
auto read_all(const Rows& rows, Read read) {
  std::vector<decltype(read(RowValues(RowOf<Rows>{rows, 0})))> all;
  for (int i = 0; i < rows.size(); ++i) all.push_back(read(RowValues(RowOf<Rows>{rows, i})));
  return all;
}

}  // namespace unity::db
