// Regular expressions.
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"

namespace unity::expression {

// A POSIX extended regular expression, found anywhere in a text unless anchored by ^ and $.
class Regex {
 public:
  // Refuses what could take very long or very much memory: back references, large repetitions.
  static Result<Regex> compile(const std::string& pattern);

  bool matches(std::string_view text) const;

 private:
  struct Free {
    void operator()(regex_t* regex) const {
      ::regfree(regex);
      delete regex;
    }
  };
  explicit Regex(std::unique_ptr<regex_t, Free> regex) : regex_(std::move(regex)) {}
  std::unique_ptr<regex_t, Free> regex_;
};

}  // namespace unity::expression
