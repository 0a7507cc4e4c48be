// Cuts the text of an expression into words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/expression/expression.hpp"

namespace unity::expression {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    number,       // `text` is its unit, perhaps empty
    text,         // without quotes and escapes
    name,         // of a field, a function, or an operator in letters
    quoted_name,  // of a field, in backticks
    symbol,       // an operator or a bracket; && || ! are `and`, `or`, `not`
  };
  Kind kind = Kind::end;
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string text;
  double number = 0;
};

// Fills in line and column.
Mistake mistake_at(std::string_view text, std::size_t offset, std::size_t length,
                   std::string message);

// The last token is `end`. Empty after a mistake.
std::vector<Token> tokens_of(std::string_view text, std::optional<Mistake>& mistake);

}  // namespace unity::expression
