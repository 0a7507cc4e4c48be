// Lists of columns as operations write them, "device_id, instance"; and what a view's query is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/ops.hpp"

namespace unity::db {

// The query of a view as `dialect` writes it.
std::string_view body_for(const CreateView& view, Dialect dialect);
bool has_own_body(const CreateView& view, Dialect dialect);
// "a, b" as {"a", "b"}.
std::vector<std::string_view> split_columns(std::string_view columns);

}  // namespace unity::db
