// Rows that are moved, as COPY has them in binary form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "postgres/copy_data.hpp"
#include "schema/model.hpp"
#include "transfer/row.hpp"

namespace unity::db::postgres {

// The rows of a COPY … TO STDOUT (FORMAT binary), piece by piece.
class CopyReader {
 public:
  // The fields of the row that `piece` holds; none if it is the end. A field that is NULL has no
  // data.
  Result<bool> next(std::string_view piece, std::vector<std::string_view>& fields);

 private:
  bool begun_ = false;
};

Result<transfer::Cell> read_cell(std::string_view field, const schema::Column& column);
void append_cell(CopyData& rows, const transfer::Cell& cell, const schema::Column& column);

// The exact integers that doc has in place of vals, which hold them rounded, go where other
// databases have them: `exact` is [[position, integer], …]. doc is NULL if nothing is left.
Result<void> take_exact_numbers(std::string_view exact, transfer::Cell& vals, transfer::Cell& doc);

}  // namespace unity::db::postgres
