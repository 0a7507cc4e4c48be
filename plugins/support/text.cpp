#include "support/text.hpp"

namespace unity::plugins {
namespace {

constexpr std::size_t kQuotedMax = 80;  // of a malformed line, in an error message

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

// The length of the UTF-8 sequence at the start of `text`; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t at) -> unsigned {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  // These leads allow only a part of the second byte's range: no overlong forms, no surrogates.
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

bool Lines::next() {
  while (!rest_.empty()) {
    const auto end = rest_.find('\n');
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
    ++number_;
    if (!line_.empty()) return true;
  }
  return false;
}

void Lines::malformed(std::string_view wanted) const {
  std::string scratch;
  std::string message = "cannot read ";
  message.append(wanted).append(" from ").append(path_).append(": line ");
  message.append(std::to_string(number_)).append(" is '");
  message.append(to_utf8(line_.substr(0, kQuotedMax), scratch));
  message.append(line_.size() > kQuotedMax ? "...'" : "'");
  throw ReadError(message);
}

void missing(std::string_view wanted, std::string_view path) {
  std::string message = "cannot read ";
  message.append(wanted).append(" from ").append(path).append(": it has no such line");
  throw ReadError(message);
}

std::string_view to_utf8(std::string_view text, std::string& scratch) {
  if (is_ascii(text)) return text;
  scratch.clear();
  while (!text.empty()) {
    const auto length = sequence_length(text);
    if (length == 0) {
      scratch += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      scratch.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return scratch;
}

}  // namespace unity::plugins
