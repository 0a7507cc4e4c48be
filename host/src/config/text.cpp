#include "config/text.hpp"

#include <algorithm>

#include "unity/core/base/text.hpp"

namespace unity::host {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// What one_line() would not let pass; a tab or the end of a line is fine.
bool is_control(std::string_view character) {
  const char first = character.front();
  if (first == '\t' || first == '\n' || first == '\r') return false;
  return one_line(character, 1) != character;
}

}  // namespace

std::optional<std::size_t> find_bad_byte(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto length = utf8_length(text.substr(at));
    if (length == 0 || is_control(text.substr(at, length))) return at;
    at += length;
  }
  return std::nullopt;
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto length = std::max<std::size_t>(utf8_length(text), 1);
    const auto character = text.substr(0, length);
    // Bytes that are no UTF-8 stay: they steer nothing, and whoever looks for them finds them.
    out += utf8_length(text) != 0 && is_control(character) ? "?" : character;
    text.remove_prefix(length);
  }
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_name(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-';
         });
}

}  // namespace unity::host
