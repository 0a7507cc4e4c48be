// Bytes as text, by RFC 4648, with padding.
#pragma once

#include <string>
#include <string_view>

namespace unity::db {

void append_base64(std::string& out, std::string_view bytes);
// False if the text is none; `bytes` is replaced.
bool parse_base64(std::string_view text, std::string& bytes);

}  // namespace unity::db
