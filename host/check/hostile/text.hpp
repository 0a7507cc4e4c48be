// Whether text is what the ABI says it is.
#pragma once

#include <string_view>

namespace unity::check {

bool is_utf8(std::string_view text);
bool is_json_object(std::string_view text);

}  // namespace unity::check
