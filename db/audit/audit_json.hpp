// The JSON columns of the audit's tables, the same in every database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unity/core/ports/audit.hpp"

namespace unity::db {

std::string warnings_json(const std::vector<std::string>& warnings);  // ["...", "..."]
std::vector<std::string> parse_warnings(std::string_view text);

std::string errors_json(const std::vector<ErrorCount>& errors);  // [{"what": "...", "count": 3}]
std::vector<ErrorCount> parse_errors(std::string_view text);

}  // namespace unity::db
