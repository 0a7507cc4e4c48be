#include "frames/text.hpp"

#include <algorithm>

namespace unity::db {
namespace {

// The length of the sequence at the start of `text`, 0 if it is not a valid one.
std::size_t sequence_length(std::string_view text) {
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

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_text(std::string_view text) { return text.find('\0') == text.npos && is_utf8(text); }

bool is_name(std::string_view text, std::size_t length) {
  if (text.empty() || !is_text(text)) return false;
  const auto characters =
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & '\xc0') != '\x80'; });
  return static_cast<std::size_t>(characters) <= length;
}

}  // namespace unity::db
