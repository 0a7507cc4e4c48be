// A row of an adapter's as plain values.
#pragma once

#include <string>
#include <string_view>

#include "unity/core/json/value.hpp"

namespace unity::db {

// `Row`: see RowValues. A type for each column: i integer, r real, any other text.
template <class Row>
json::Array read_cells(const Row& from, std::string_view types) {
  json::Array row;
  for (int column = 0; column < static_cast<int>(types.size()); ++column) {
    if (from.is_null(column)) {
      row.emplace_back(nullptr);
    } else if (types[static_cast<std::size_t>(column)] == 'i') {
      row.emplace_back(from.integer(column));
    } else if (types[static_cast<std::size_t>(column)] == 'r') {
      row.emplace_back(from.real(column));
    } else {
      row.emplace_back(std::string(from.bytes(column)));
    }
  }
  return row;
}

}  // namespace unity::db
