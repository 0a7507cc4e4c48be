// An expression as it was written: a tree, not checked yet.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/expression/expression.hpp"

namespace unity::expression {

inline constexpr std::size_t kNestingMax = 64;  // brackets and functions within each other
inline constexpr std::size_t kChainMax = 200;   // operators in a row, each being one level deeper
inline constexpr std::size_t kArgumentsMax = 200;  // of a function, or elements of a list

struct Syntax {
  enum class Kind : std::uint8_t {
    number,   // `unit` perhaps
    text,     // `text`
    boolean,  // `number` is 0 or 1
    null,
    name,         // `text`: a field, or what every record has (metric, time, ...)
    quoted_name,  // `text`: a field
    tag,          // `text`
    list,         // `args`
    call,         // `text` is the function or the operator, `args`
  };
  Kind kind = Kind::null;
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string text;
  std::string unit;
  double number = 0;
  std::vector<std::unique_ptr<Syntax>> args;
  std::size_t depth = 1;
};

// Null after a mistake.
std::unique_ptr<Syntax> parse(std::string_view text, std::optional<Mistake>& mistake);

}  // namespace unity::expression
