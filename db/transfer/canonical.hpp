// The one form in which a value is written down and hashed, whatever database it came from:
//   integers        numbers, as text beyond 2^53, which not every reader of JSON keeps
//   f64             the shortest number that reads back the same; "NaN", "Infinity", "-Infinity"
//   time            "2026-01-31T12:00:00.250000Z", always six digits
//   uuid            "0190c1de-…"; other bytes as base64
//   json            members in the order of their names; whole numbers without fraction or exponent
//   numbers         [21.5,null,"9007199254740993"]
#pragma once

#include <string>
#include <string_view>

#include "schema/model.hpp"
#include "transfer/row.hpp"

namespace unity::db::transfer {

// {"device_id":1,"hostname":"nas",…}, without a line end.
void append_json_row(std::string& out, const schema::Table& table, const Row& row);
// Errc::invalid says what is wrong with the line.
Result<void> parse_json_row(std::string_view line, const schema::Table& table, Row& row);

// The text of a cell that is not NULL, as a field of a CSV file holds it.
void append_cell_text(std::string& out, const schema::Column& column, const Cell& cell);
Result<Cell> parse_cell_text(std::string_view text, const schema::Column& column);

// JSON as any database keeps it, in canonical form. Its null is NULL where the column takes NULL:
// a row in JSON has one word for both. Errc::invalid if it is no JSON.
Result<Cell> parse_json_cell(std::string_view text, const schema::Column& column);

// A number of a frame as it is whether it was kept as text or as a double.
Number canonical_number(const Number& number);
// [21.5,null,3] as SQLite and MariaDB keep it.
Result<Numbers> parse_stored_numbers(std::string_view text);
void append_stored_numbers(std::string& out, const Numbers& numbers);

}  // namespace unity::db::transfer
