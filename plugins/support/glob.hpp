// Name patterns of options: '*' is any text, '?' any one byte, everything else itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unity::plugins {

bool matches(std::string_view pattern, std::string_view text);
bool matches_any(const std::vector<std::string>& patterns, std::string_view text);

}  // namespace unity::plugins
