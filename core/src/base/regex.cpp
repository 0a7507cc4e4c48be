#include "unity/core/base/regex.hpp"

#include <fmt/format.h>
#include <regex.h>

#include <array>

namespace unity {
namespace {

constexpr std::size_t kPatternMax = 256;
constexpr std::size_t kGroupsMax = 10;  // the match and nine groups

}  // namespace

struct Regex::Compiled {
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (good) ::regfree(&regex);
  }
  regex_t regex{};
  bool good = false;
};

Result<Regex> Regex::compile(const std::string& pattern) {
  if (pattern.size() > kPatternMax) {
    return Error{Errc::invalid, "the pattern is longer than 256 bytes"};
  }
  for (std::size_t at = 0; at + 1 < pattern.size(); ++at) {
    if (pattern[at] != '\\') continue;
    ++at;
    if (pattern[at] >= '0' && pattern[at] <= '9') {
      return Error{Errc::invalid, "back references within a pattern are not supported"};
    }
  }
  auto compiled = std::make_shared<Compiled>();
  const int code = ::regcomp(&compiled->regex, pattern.c_str(), REG_EXTENDED);
  if (code != 0) {
    std::array<char, 128> text{};
    ::regerror(code, &compiled->regex, text.data(), text.size());
    return Error{Errc::invalid,
                 fmt::format("this is no regular expression (POSIX extended): {}", text.data())};
  }
  compiled->good = true;
  return Regex(std::move(compiled));
}

std::vector<std::string_view> Regex::match(std::string_view text) const {
  std::array<regmatch_t, kGroupsMax> found{};
  found[0].rm_so = 0;
  found[0].rm_eo = static_cast<regoff_t>(text.size());
  // REG_STARTEND: the text need not end with a zero byte.
  if (::regexec(&compiled_->regex, text.data(), found.size(), found.data(), REG_STARTEND) != 0) {
    return {};
  }
  std::vector<std::string_view> parts;
  for (std::size_t i = 0; i <= groups() && i < found.size(); ++i) {
    const auto& part = found[i];
    parts.push_back(part.rm_so < 0
                        ? std::string_view()
                        : text.substr(static_cast<std::size_t>(part.rm_so),
                                      static_cast<std::size_t>(part.rm_eo - part.rm_so)));
  }
  return parts;
}

std::string Regex::replace(std::string_view text, std::string_view with) const {
  std::string out;
  while (true) {
    const auto parts = match(text);
    if (parts.empty()) return out.append(text);
    const auto at = static_cast<std::size_t>(parts[0].data() - text.data());
    out.append(text.substr(0, at));
    for (std::size_t i = 0; i < with.size(); ++i) {
      if (with[i] != '\\' || i + 1 == with.size()) {
        out += with[i];
        continue;
      }
      const char c = with[++i];
      const auto group = static_cast<std::size_t>(c - '0');
      if (c >= '0' && c <= '9') {
        if (group < parts.size()) out.append(parts[group]);
      } else {
        out += c;
      }
    }
    // An empty match takes one character along, or it would be found for ever.
    const auto end = at + parts[0].size();
    if (end == text.size()) return out;
    if (parts[0].empty()) out += text[end];
    text = text.substr(end + (parts[0].empty() ? 1 : 0));
    if (text.empty()) return out;
  }
}

std::size_t Regex::groups() const { return compiled_->regex.re_nsub; }

}  // namespace unity
