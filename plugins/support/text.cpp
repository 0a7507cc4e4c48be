#include "support/text.hpp"

#include "unity/sdk/utf8.hpp"

namespace unity::plugins {
namespace {

constexpr std::size_t kQuotedMax = 80;  // of a malformed line, in an error message

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
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
    const auto length = sdk::utf8_length(text);
    if (length == 0) {
      scratch += sdk::kReplacement;
      text.remove_prefix(1);
    } else {
      scratch.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return scratch;
}

}  // namespace unity::plugins
