// Checks types and units of an expression and compiles it into a program.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "lexer.hpp"
#include "program.hpp"
#include "syntax.hpp"

namespace unity::expression {

// A part of the expression that has been compiled.
struct Operand {
  std::uint32_t node = 0;
  ValueType type = ValueType::any;
  std::optional<Unit> unit;  // none: a plain number, which takes the unit of what it meets
  const Syntax* syntax = nullptr;
};
using Checked = std::optional<Operand>;  // empty after a mistake

class Checker {
 public:
  Checker(std::string_view text, const Scope& scope, Program& program,
          std::optional<Mistake>& mistake)
      : text_(text), scope_(scope), program_(program), mistake_(mistake) {}

  // Compiles the whole expression; sets the program's type and unit.
  bool run(const Syntax& root, const Expression::Wanted& wanted);

 private:
  friend struct Functions;
  using Operands = std::vector<Operand>;

  Checked check(const Syntax& syntax);
  Checked name(const Syntax& syntax);
  Checked field(const Syntax& syntax);
  Checked call(const Syntax& syntax);
  Checked function(const Syntax& syntax);
  Checked unknown_field(const Syntax& syntax);

  Checked logic(const Syntax& syntax, Op op);
  Checked sum(const Syntax& syntax, Op op, Operand left, Operand right);
  Checked product(const Syntax& syntax, Op op, Operand left, Operand right);
  Checked comparison(const Syntax& syntax, Op op, Operand left, Operand right);
  Checked membership(const Syntax& syntax);
  Checked match(const Syntax& syntax);

  Checked fail(const Syntax& where, std::string message);
  // False, and a mistake, unless the operand is of that type or may be.
  bool require(const Operand& operand, ValueType type, std::string_view by);
  bool is_constant(const Operand& operand) const {
    return program_.nodes[operand.node].op == Op::constant;
  }
  const Value& constant_of(const Operand& operand) const {
    return program_.constants[program_.nodes[operand.node].index];
  }
  static std::string describe(const Operand& operand);

  // Brings both to one unit, which it returns: that of the left, or of the right if only that one
  // is no constant. Fails with "cannot `what` X `with` Y".
  std::optional<std::optional<Unit>> same_unit(const Syntax& syntax, Operand& left, Operand& right,
                                               std::string_view what, std::string_view with);
  void convert(Operand& operand, const Conversion& conversion, Unit unit);

  Operand constant(const Syntax& syntax, Value value);
  Operand emit(const Syntax& syntax, Op op, ValueType type, std::optional<Unit> unit,
               std::initializer_list<Operand> operands, std::size_t index = 0);
  std::uint32_t push(Node node);

  std::string_view text_;
  const Scope& scope_;
  Program& program_;
  std::optional<Mistake>& mistake_;
};

// The functions, for suggestions and documentation.
std::vector<std::string> function_names();

}  // namespace unity::expression
