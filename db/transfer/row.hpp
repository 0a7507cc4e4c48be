// A row on its way from one database to another: the same values whatever database they came from.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "frames/number.hpp"
#include "unity/core/base/result.hpp"

namespace unity::db::transfer {

// In the order of positions. Whole numbers are integers where a double may have been stored.
using Numbers = std::vector<Number>;

// What a cell holds follows from the type of its column:
//   NULL                   monostate
//   boolean                bool
//   id, i16, i32, i64      int64
//   time                   int64, UTC in microseconds
//   f64                    double
//   uuid, bin, hash        string, the bytes
//   str, text              string
//   json                   string, canonical JSON (canonical.hpp)
//   numbers                Numbers
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string, Numbers>;

inline bool is_null(const Cell& cell) { return cell.index() == 0; }

// In the order of the table's columns.
using Row = std::vector<Cell>;

// Called for each row, which is only there until it returns. An error ends the reading.
using TakeRow = std::function<Result<void>(const Row&)>;

}  // namespace unity::db::transfer
