#include "sqlite/series_rows.hpp"

namespace unity::db {

Series read_series(const Statement& row, int column) {
  Series series{std::string(row.text(column + 1)),
                std::string(row.text(column + 2)),
                std::string(row.text(column + 3)),
                Kind::gauge,
                row.is_null(column) ? kNoPosition : static_cast<int>(row.integer(column)),
                row.integer(column + 5)};
  parse_kind(row.text(column + 4), series.kind);
  return series;
}

Result<void> load_series(Connection& connection, Statement& rows, Source& source,
                         std::string_view doing) {
  while (true) {
    auto row = connection.next(rows, doing);
    if (!row) return std::move(row).error();
    if (!*row) return {};
    source.load(read_series(rows, 0));
  }
}

}  // namespace unity::db
