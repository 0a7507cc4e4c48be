// What a check found, and how it crosses from the child that checks to the command that reports.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "unity/core/json/value.hpp"

namespace unity::check {

enum class Verdict { pass, skip, warn, fail };  // the worst last

std::string_view to_text(Verdict verdict);  // "PASS"

struct Finding {
  Verdict verdict;  // pass: only a remark
  std::string text;
};

// Gathers what one check finds. The same text counts once, and beyond kFindingsMax only the number
// grows: a plugin that does wrong in each of a thousand calls is not a thousand findings.
class Findings {
 public:
  static constexpr std::size_t kFindingsMax = 20;

  void add(Verdict verdict, std::string text);

  template <class... Arguments>
  void fail(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    add(Verdict::fail, fmt::format(format, std::forward<Arguments>(arguments)...));
  }
  template <class... Arguments>
  void warn(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    add(Verdict::warn, fmt::format(format, std::forward<Arguments>(arguments)...));
  }
  // Why the rule says nothing of this plugin.
  template <class... Arguments>
  void skip(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    add(Verdict::skip, fmt::format(format, std::forward<Arguments>(arguments)...));
  }
  template <class... Arguments>
  void remark(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    add(Verdict::pass, fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  // The worst that was found.
  Verdict verdict() const;
  bool failed() const { return verdict() == Verdict::fail; }
  const std::vector<Finding>& all() const { return findings_; }
  std::size_t unsaid() const { return unsaid_; }

  json::Value to_json() const;
  static Findings from_json(const json::Value& value);

 private:
  std::vector<Finding> findings_;
  std::size_t unsaid_ = 0;  // found beyond kFindingsMax
};

}  // namespace unity::check
