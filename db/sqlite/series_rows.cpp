#include "sqlite/series_rows.hpp"

namespace unity::db {

Result<void> load_series(Connection& connection, Statement& rows, Source& source,
                         std::string_view doing) {
  while (true) {
    auto row = connection.next(rows, doing);
    if (!row) return std::move(row).error();
    if (!*row) return {};
    Series series{std::string(rows.text(1)), std::string(rows.text(2)), std::string(rows.text(3)),
                  Kind::gauge, rows.is_null(0) ? kNoPosition : static_cast<int>(rows.integer(0))};
    parse_kind(rows.text(4), series.kind);
    source.load(std::move(series));
  }
}

}  // namespace unity::db
