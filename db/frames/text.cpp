#include "frames/text.hpp"

#include "unity/core/base/text.hpp"

namespace unity::db {

bool is_text(std::string_view text) { return text.find('\0') == text.npos && is_utf8(text); }

bool is_name(std::string_view text, std::size_t length) {
  if (text.empty() || !is_text(text)) return false;
  return character_count(text) <= length;
}

}  // namespace unity::db
