// Rows as RFC 4180 has them, with "\n" at their end. NULL is an empty field, an empty text is "".
#pragma once

#include <string>
#include <string_view>

#include "schema/model.hpp"
#include "transfer/row.hpp"

namespace unity::db::transfer {

void append_csv_header(std::string& out, const schema::Table& table);
void append_csv_row(std::string& out, const schema::Table& table, const Row& row);
// Without the line end. Errc::invalid says what is wrong.
Result<void> parse_csv_row(std::string_view record, const schema::Table& table, Row& row);
// Whether a line that begins outside of quoted fields ends within one, which goes on in the next;
// one that begins within such a field ends it if so.
bool has_odd_quotes(std::string_view line);

}  // namespace unity::db::transfer
