#include "transfer/digest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/day.hpp"
#include "transfer/canonical.hpp"

namespace unity::db::transfer {
namespace {

Time time_in(const Cell& cell) {
  return Time(std::chrono::microseconds(std::get<std::int64_t>(cell)));
}

}  // namespace

Result<void> TableDigest::require_times(const Row& row) const {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto& column = table_.table.columns[i];
    if (column.type != Type::time || is_null(row[i]) || is_storable(time_in(row[i]))) continue;
    return Error{Errc::refused,
                 fmt::format("{} of a row of {} is {} µs, which is beyond the years 1 to 9999: "
                             "correct or delete that row",
                             column.name, table_.table.name, std::get<std::int64_t>(row[i]))};
  }
  return {};
}

Result<void> TableDigest::add(const Row& row) {
  if (auto good = require_times(row); !good) return good;
  line_.clear();
  append_json_row(line_, table_.table, row);
  line_ += '\n';
  hash_.add(line_);
  ++summary_.rows;
  if (!table_.time_column) return {};
  const auto time = time_in(row[*table_.time_column]);
  summary_.min_time = std::min(summary_.min_time.value_or(time), time);
  summary_.max_time = std::max(summary_.max_time.value_or(time), time);
  return {};
}

TableSummary TableDigest::summary() const {
  auto summary = summary_;
  summary.sha256 = sha256();
  return summary;
}

}  // namespace unity::db::transfer
