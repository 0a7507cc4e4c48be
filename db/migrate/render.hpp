// Operations as SQL. A new dialect is a file render_<dialect>.cpp and a case in render().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/ops.hpp"

namespace unity::db {

// One statement, without the semicolon.
std::string render(const Op& op, Dialect dialect);
// The whole migration, as `unity db sql` would print it and as the golden files hold it.
std::string render(const Migration& migration, Dialect dialect);

std::string render_postgresql(const Op& op);
std::string render_sqlite(const Op& op);

// The query of a view as `dialect` writes it.
std::string_view body_for(const CreateView& view, Dialect dialect);
// "a, b" as {"a", "b"}.
std::vector<std::string_view> split_columns(std::string_view columns);
// "a, b" as "\"a\", \"b\"".
std::string quote_columns(std::string_view columns);

}  // namespace unity::db
