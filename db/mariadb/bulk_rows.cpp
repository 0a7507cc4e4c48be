#include "mariadb/bulk_rows.hpp"

#include <bit>

namespace unity::db::mariadb {
namespace {
constexpr std::size_t kValueHead = 10;  // its indicator, and its length or its number
}  // namespace

void BulkRows::clear() {
  for (auto& column : columns_) {
    column.type = MYSQL_TYPE_NULL;
    column.numbers.clear();
    column.offsets.clear();
    column.lengths.clear();
    column.indicators.clear();
    column.text.clear();
  }
  sizes_.clear();
}

void BulkRows::begin_row() {
  column_ = 0;
  sizes_.push_back(0);
}

// All the vectors of a column are as long as there are rows, so that any of them may be an array.
BulkRows::Column& BulkRows::next(enum_field_types type, char indicator, std::size_t bytes) {
  if (column_ == columns_.size()) columns_.emplace_back();
  auto& column = columns_[column_++];
  if (type != MYSQL_TYPE_NULL) column.type = type;
  column.numbers.push_back(0);
  column.offsets.push_back(column.text.size());
  column.lengths.push_back(bytes);
  column.indicators.push_back(indicator);
  sizes_.back() += kValueHead + bytes;
  return column;
}

void BulkRows::add(std::int64_t value) {
  next(MYSQL_TYPE_LONGLONG, STMT_INDICATOR_NONE, 0).numbers.back() = value;
}

void BulkRows::add(double value) {
  next(MYSQL_TYPE_DOUBLE, STMT_INDICATOR_NONE, 0).numbers.back() =
      std::bit_cast<std::int64_t>(value);
}

void BulkRows::add_text(enum_field_types type, std::string_view value) {
  next(type, STMT_INDICATOR_NONE, value.size()).text += value;
}

void BulkRows::add_null() { next(MYSQL_TYPE_NULL, STMT_INDICATOR_NULL, 0); }

std::size_t BulkRows::fitting(std::size_t first, std::size_t bytes_max) const {
  std::size_t bytes = 0;
  auto row = first;
  while (row < rows() && bytes + sizes_[row] <= bytes_max) bytes += sizes_[row++];
  return row - first;
}

std::vector<MYSQL_BIND> BulkRows::binds(std::size_t first) {
  std::vector<MYSQL_BIND> binds;
  for (auto& column : columns_) {
    MYSQL_BIND bind{};
    bind.buffer_type = column.type == MYSQL_TYPE_NULL ? MYSQL_TYPE_STRING : column.type;
    bind.u.indicator = column.indicators.data() + first;
    if (column.type == MYSQL_TYPE_LONGLONG || column.type == MYSQL_TYPE_DOUBLE) {
      bind.buffer = column.numbers.data() + first;
    } else {
      column.pointers.clear();
      for (const auto offset : column.offsets) {
        column.pointers.push_back(column.text.data() + offset);
      }
      bind.buffer = column.pointers.data() + first;
      bind.length = column.lengths.data() + first;
    }
    binds.push_back(bind);
  }
  return binds;
}

}  // namespace unity::db::mariadb
