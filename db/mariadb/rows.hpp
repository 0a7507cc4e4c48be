// The rows that a query gave, copied: they outlive its statement.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::db::mariadb {

class Rows {
 public:
  // `affected`: the rows that a statement which gives none has found, changed or not.
  Rows(int columns, std::uint64_t affected) : columns_(columns), affected_(affected) {}

  int size() const { return columns_ == 0 ? 0 : static_cast<int>(cells_.size()) / columns_; }
  std::uint64_t affected() const { return affected_; }

  bool is_null(int row, int column) const { return at(row, column).is_null; }
  // As they came; empty for NULL. Also text.
  std::string_view bytes(int row, int column) const {
    const auto& cell = at(row, column);
    return std::string_view(bytes_).substr(cell.offset, cell.length);
  }
  std::string_view json(int row, int column) const { return bytes(row, column); }
  std::int64_t integer(int row, int column) const { return at(row, column).number; }
  double real(int row, int column) const { return std::bit_cast<double>(integer(row, column)); }
  Time time(int row, int column) const {
    return Time(std::chrono::microseconds(integer(row, column)));
  }
  bool flag(int row, int column) const { return integer(row, column) != 0; }

  // To be filled cell by cell, row by row.
  void add_null() { cells_.push_back({0, 0, 0, true}); }
  void add_number(std::int64_t bits) { cells_.push_back({bits, 0, 0, false}); }
  // Room for a text of this length; valid until the next call.
  char* add_bytes(std::size_t length) {
    cells_.push_back({0, bytes_.size(), length, false});
    bytes_.resize(bytes_.size() + length);
    return bytes_.data() + cells_.back().offset;
  }

 private:
  struct Cell {
    std::int64_t number;  // of a column of numbers; a double by its bits
    std::size_t offset;
    std::size_t length;
    bool is_null;
  };

  const Cell& at(int row, int column) const {
    return cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
                  static_cast<std::size_t>(column)];
  }

  int columns_;
  std::uint64_t affected_;
  std::vector<Cell> cells_;
  std::string bytes_;
};

}  // namespace unity::db::mariadb
