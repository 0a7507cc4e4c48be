// POSIX extended regular expressions, over the C library's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"

namespace unity {

class Regex {
 public:
  // The error says why it is none. At most 256 bytes, and no back references.
  static Result<Regex> compile(const std::string& pattern);

  // The first match and its groups; empty if there is none. A group that took no part is empty.
  std::vector<std::string_view> match(std::string_view text) const;
  // Replaces every match; in `with`, \1 to \9 stand for groups, \0 for the match, \\ for itself.
  std::string replace(std::string_view text, std::string_view with) const;
  std::size_t groups() const;

 private:
  struct Compiled;
  explicit Regex(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;  // never changes, so copies share it
};

}  // namespace unity
