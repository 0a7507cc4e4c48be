// A checked expression, ready to be evaluated: a tree whose nodes lie in one vector, children
// before parents.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "pattern.hpp"
#include "unity/core/expression/expression.hpp"

namespace unity::expression {

enum class Op : std::uint8_t {
  // Without operands.
  constant,  // constants[index]
  field,     // fields[index]
  tag,       // texts[index]
  metric,
  instance,
  plugin,
  device,
  time,
  // Not strict: null operands do not make them null.
  both,
  either,
  choose,  // a ? b : c
  coalesce,
  is_null,
  // Strict: null if an operand is null or of another type than they work on.
  opposite,
  negative,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal,
  one_of,   // a in lists[index]
  matches,  // a =~ patterns[index]
  glob,     // a, b
  convert,  // conversions[index] of a
  absolute,
  minimum,
  maximum,
  round,  // a to b digits
  floor,
  ceil,
  sqrt,
  power,
  log,
  log10,
  exp,
  lower,
  upper,
  starts_with,
  ends_with,
  contains,
  length,
};
constexpr bool has_operands(Op op) { return op > Op::time; }
constexpr bool is_strict(Op op) { return op >= Op::opposite; }

struct Node {
  Op op = Op::constant;
  std::uint8_t operands = 0;  // how many of a, b, c
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t index = 0;
};

struct FieldReference {
  Name name;
  ValueType type = ValueType::any;
  Name unit_text;            // as declared; a record's field that says another is converted
  std::optional<Unit> unit;  // what the program reckons with
  std::size_t hint = 0;      // where it was in the last record
  Name other_text;           // the last unit that was another, and how to convert from it
  std::optional<Conversion> other;
};

class Program {
 public:
  std::vector<Node> nodes;  // the last one is the root
  std::vector<Value> constants;
  std::vector<FieldReference> fields;
  std::deque<std::string> texts;  // what constants and tags point to: a deque does not move them
  std::vector<std::vector<Value>> lists;
  std::vector<Regex> patterns;
  std::vector<Conversion> conversions;

  ValueType type = ValueType::any;
  std::optional<Unit> unit;

  Value evaluate(const Record& record) {
    made_ = 0;
    return at(static_cast<std::uint32_t>(nodes.size() - 1), record);
  }
  // Of a part: used to fold constants.
  Value at(std::uint32_t index, const Record& record);

 private:
  Value field(FieldReference& reference, const Record& record);
  Value strict(const Node& node, const Record& record);
  Value changed_case(std::string_view text, char from, char to);

  std::deque<std::string> made_texts_;  // by lower() and upper(), kept for their room
  std::size_t made_ = 0;
};

}  // namespace unity::expression
