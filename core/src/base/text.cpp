#include "unity/core/base/text.hpp"

#include <algorithm>

namespace unity {

std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF show in the second byte.
  const unsigned second = byte(1);
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second > 0x9f) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xf4 && second > 0x8f) return 0;
  return length;
}

std::size_t character_count(std::string_view text) {
  const auto begins_one = [](char byte) { return (byte & '\xc0') != '\x80'; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_one));
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string fit_text(std::string_view text, std::size_t characters) {
  std::string fit;
  for (; !text.empty() && characters > 0; --characters) {
    const auto length = text.front() == '\0' ? 0 : utf8_length(text);
    if (length == 0) {
      fit += '?';
      text.remove_prefix(1);
    } else {
      fit += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return fit;
}

std::string one_line(std::string_view text, std::size_t characters) {
  const auto fit = fit_text(text, characters);
  std::string line;
  for (std::size_t i = 0; i < fit.size(); ++i) {
    const auto byte = static_cast<unsigned char>(fit[i]);
    // U+0080 to U+009F steer terminals as well: they are c2 and one more byte.
    const bool is_second_set = byte == 0xc2 && static_cast<unsigned char>(fit[i + 1]) < 0xa0;
    if (is_second_set) ++i;
    line += is_second_set || byte < 0x20 || byte == 0x7f ? ' ' : static_cast<char>(byte);
  }
  return line;
}

}  // namespace unity
