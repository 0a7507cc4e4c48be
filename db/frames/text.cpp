#include "frames/text.hpp"

#include <algorithm>

#include "unity/core/base/text.hpp"

namespace unity::db {

bool is_text(std::string_view text) { return text.find('\0') == text.npos && is_utf8(text); }

bool is_name(std::string_view text, std::size_t length) {
  if (text.empty() || !is_text(text)) return false;
  const auto characters =
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & '\xc0') != '\x80'; });
  return static_cast<std::size_t>(characters) <= length;
}

}  // namespace unity::db
