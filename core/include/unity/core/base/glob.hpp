// Patterns of names: "*" stands for any text, "?" for one character.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unity {

bool matches_glob(std::string_view pattern, std::string_view text);

// A list of patterns of which one must match; an empty list takes everything.
class Globs {
 public:
  Globs() = default;
  explicit Globs(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

  bool take(std::string_view text) const;
  bool empty() const { return patterns_.empty(); }
  const std::vector<std::string>& patterns() const { return patterns_; }

 private:
  std::vector<std::string> patterns_;
};

}  // namespace unity
