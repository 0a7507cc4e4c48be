// The statements that move rows, as far as databases write them alike.
#pragma once

#include <string>
#include <string_view>

#include "transfer/tables.hpp"

namespace unity::db::transfer {

// How a database writes them.
struct SqlForm {
  char quote;                   // around names
  std::string (*time)(Time);    // a literal
  std::string_view text_order;  // after a text that is to be sorted by its bytes
};

std::string quoted(std::string_view name, const SqlForm& form);
// "a", "b", "c"
std::string column_list(const schema::Table& table, const SqlForm& form);
// WHERE …, with a blank before it; empty if all rows are meant.
std::string where(const Selection& selection, const SqlForm& form);
// ORDER BY the key, with a blank before it.
std::string order_by_key(const schema::Table& table, const SqlForm& form);
std::string count_rows(const Selection& selection, const SqlForm& form);
// INSERT … VALUES (?, ?, …)
std::string insert_row(const schema::Table& table, const SqlForm& form);

}  // namespace unity::db::transfer
