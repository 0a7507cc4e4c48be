#include "postgres/series_rows.hpp"

namespace unity::db::postgres {

void load_series(const Rows& rows, int row, int column, Source& source) {
  if (rows.is_null(row, column + 1)) return;
  Series series{
      std::string(rows.bytes(row, column + 1)), std::string(rows.bytes(row, column + 2)),
      std::string(rows.bytes(row, column + 3)), Kind::gauge,
      rows.is_null(row, column) ? kNoPosition : static_cast<int>(rows.integer(row, column))};
  parse_kind(rows.bytes(row, column + 4), series.kind);
  source.load(std::move(series));
}

}  // namespace unity::db::postgres
