#include "pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace unity::expression {
namespace {

constexpr std::size_t kPatternMax = 256;
constexpr unsigned long kRepetitionsMax = 1000;  // all counts of a pattern multiplied

// What the C library would take, at a price. Empty if there is nothing.
std::string_view excess(const std::string& pattern) {
  if (pattern.size() > kPatternMax) return "it is longer than 256 bytes";
  if (pattern.find('\0') != pattern.npos) return "it has a zero byte";
  unsigned long repetitions = 1;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '\\') {
      ++at;
      if (at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9') {
        return "back references are not supported";
      }
    } else if (pattern[at] == '{') {
      unsigned long most = 1;
      const auto close = std::min(pattern.find('}', at), pattern.size());
      for (const char* p = pattern.data() + at; p < pattern.data() + close;) {
        char* end = nullptr;
        most = std::max(most, std::strtoul(p + 1, &end, 10));
        p = std::max<const char*>(p + 1, end);
      }
      if (most > kRepetitionsMax || (repetitions *= most) > kRepetitionsMax) {
        return "its repetitions are more than 1000";
      }
    }
  }
  return {};
}

}  // namespace

Result<Regex> Regex::compile(const std::string& pattern) {
  if (const auto why = excess(pattern); !why.empty()) {
    return Error{Errc::invalid, fmt::format("this pattern cannot be used: {}", why)};
  }
  auto regex = std::make_unique<regex_t>();
  const int code = ::regcomp(regex.get(), pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (code != 0) {
    std::array<char, 128> text{};
    ::regerror(code, regex.get(), text.data(), text.size());
    return Error{Errc::invalid,
                 fmt::format("this is no regular expression (POSIX extended): {}", text.data())};
  }
  return Regex(std::unique_ptr<regex_t, Free>(regex.release()));
}

bool Regex::matches(std::string_view text) const {
  regmatch_t range{};  // in: the text need not end with a zero byte
  range.rm_eo = static_cast<regoff_t>(text.size());
  return ::regexec(regex_.get(), text.empty() ? "" : text.data(), 1, &range, REG_STARTEND) == 0;
}

}  // namespace unity::expression
