#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "checker.hpp"

namespace unity::expression {
namespace {

constexpr std::pair<std::string_view, Op> kOperators[] = {
    {"+", Op::add},         {"-", Op::subtract}, {"*", Op::multiply},      {"/", Op::divide},
    {"%", Op::modulo},      {"==", Op::equal},   {"!=", Op::unequal},      {"<", Op::less},
    {"<=", Op::less_equal}, {">", Op::greater},  {">=", Op::greater_equal}};

}  // namespace

Checked Checker::call(const Syntax& syntax) {
  if (syntax.text == "and") return logic(syntax, Op::both);
  if (syntax.text == "or") return logic(syntax, Op::either);
  if (syntax.text == "not") return logic(syntax, Op::opposite);
  if (syntax.text == "in") return membership(syntax);
  if (syntax.text == "=~" || syntax.text == "!~") return match(syntax);
  const auto* const found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                         [&](const auto& o) { return o.first == syntax.text; });
  if (found == std::end(kOperators)) return function(syntax);

  const auto op = found->second;
  auto left = check(*syntax.args[0]);
  if (!left) return left;
  if (syntax.args.size() == 1) {
    if (!require(*left, ValueType::number, "`-`")) return std::nullopt;
    return emit(syntax, Op::negative, left->type, left->unit, {*left});
  }
  auto right = check(*syntax.args[1]);
  if (!right) return right;
  if (op >= Op::equal) return comparison(syntax, op, std::move(*left), std::move(*right));
  const auto by = fmt::format("`{}`", syntax.text);
  if (!require(*left, ValueType::number, by) || !require(*right, ValueType::number, by)) {
    return std::nullopt;
  }
  if (op == Op::multiply || op == Op::divide) {
    return product(syntax, op, std::move(*left), std::move(*right));
  }
  if (op == Op::modulo) {
    auto unit = same_unit(syntax, *left, *right, "take the remainder of", "by");
    if (!unit) return std::nullopt;
    return emit(syntax, op, ValueType::number, std::move(*unit), {*left, *right});
  }
  return sum(syntax, op, std::move(*left), std::move(*right));
}

Checked Checker::logic(const Syntax& syntax, Op op) {
  const auto by = fmt::format("`{}`", syntax.text);
  auto left = check(*syntax.args[0]);
  if (!left || !require(*left, ValueType::boolean, by)) return std::nullopt;
  if (op == Op::opposite) return emit(syntax, op, ValueType::boolean, {}, {*left});
  auto right = check(*syntax.args[1]);
  if (!right || !require(*right, ValueType::boolean, by)) return std::nullopt;
  return emit(syntax, op, ValueType::boolean, {}, {*left, *right});
}

// Points on a scale with an arbitrary zero differ by a difference, and a difference can be added to
// one; two of them cannot be added.
Checked Checker::sum(const Syntax& syntax, Op op, Operand left, Operand right) {
  if (!left.unit || !right.unit) {
    auto unit = left.unit ? left.unit : right.unit;
    return emit(syntax, op, ValueType::number, std::move(unit), {left, right});
  }
  const bool minus = op == Op::subtract;
  const bool from_point = minus && right.unit->affine;  // leaves a difference
  if (left.unit->affine && right.unit->affine && !minus) {
    return fail(syntax, "two temperatures cannot be added; a difference in K can be added to one");
  }
  auto& kept = right.unit->affine && !minus ? right : left;
  auto& moved = &kept == &left ? right : left;
  const auto way = from_point ? conversion(*moved.unit, *kept.unit)
                              : conversion_of_difference(*moved.unit, *kept.unit);
  if (!way) {
    return fail(syntax, fmt::format("cannot {} {} {} {}", minus ? "subtract" : "add",
                                    right.unit->description(), minus ? "from" : "to",
                                    left.unit->description()));
  }
  convert(moved, *way, *kept.unit);
  auto out = emit(syntax, op, ValueType::number, kept.unit, {left, right});
  if (from_point) {
    auto difference = difference_of(*kept.unit);
    const auto to_difference = conversion_of_difference(*kept.unit, difference);
    convert(out, *to_difference, std::move(difference));
  }
  return out;
}

Checked Checker::product(const Syntax& syntax, Op op, Operand left, Operand right) {
  if (!left.unit && !right.unit) {
    return emit(syntax, op, ValueType::number, {}, {left, right});
  }
  if (op == Op::divide && left.unit && right.unit && left.unit->dimension != Dimension{} &&
      !left.unit->affine && !right.unit->affine) {
    // A ratio rather than GB/By.
    if (const auto way = conversion(*right.unit, *left.unit)) convert(right, *way, *left.unit);
  }
  const auto one = left.unit.value_or(Unit{});
  const auto other = right.unit.value_or(Unit{});
  auto unit = op == Op::multiply ? multiply(one, other) : divide(one, other);
  if (!unit) return fail(syntax, unit.error().message);
  return emit(syntax, op, ValueType::number, std::move(*unit), {left, right});
}

Checked Checker::comparison(const Syntax& syntax, Op op, Operand left, Operand right) {
  for (const auto* side : {&left, &right}) {
    if (side->type == ValueType::null) {
      return fail(*side->syntax, "nothing compares with null; write is_null(…)");
    }
  }
  const bool open = left.type == ValueType::any || right.type == ValueType::any;
  if (!open && left.type != right.type) {
    auto message = fmt::format("cannot compare {} with {}", describe(left), describe(right));
    if (left.type == ValueType::boolean || right.type == ValueType::boolean) {
      message += "; a condition stands for itself, or compares with true and false";
    }
    return fail(syntax, std::move(message));
  }
  const bool orders = op != Op::equal && op != Op::unequal;
  if (orders && (left.type == ValueType::boolean || right.type == ValueType::boolean)) {
    return fail(syntax, "a condition has no order; compare it with == or !=");
  }
  if (!same_unit(syntax, left, right, "compare", "with")) return std::nullopt;
  return emit(syntax, op, ValueType::boolean, {}, {left, right});
}

Checked Checker::membership(const Syntax& syntax) {
  auto left = check(*syntax.args[0]);
  if (!left) return left;
  const auto& list = *syntax.args[1];
  std::vector<Value> values;
  auto target = *left;  // what the elements are converted to
  for (const auto& element : list.args) {
    auto value = check(*element);
    if (!value) return value;
    if (!is_constant(*value) || constant_of(*value).is_null()) {
      return fail(*element, "a list has only fixed values");
    }
    if (target.type == ValueType::any) target.type = value->type;
    if (value->type != target.type) {
      return fail(*element,
                  fmt::format("cannot compare {} with {}", describe(target), describe(*value)));
    }
    if (!target.unit) target.unit = value->unit;
    if (value->unit) {
      const auto way = conversion(*value->unit, *target.unit);
      if (!way) {
        return fail(*element,
                    fmt::format("cannot compare {} with {}", describe(target), describe(*value)));
      }
      convert(*value, *way, *target.unit);
    }
    values.push_back(constant_of(*value));
  }
  program_.lists.push_back(std::move(values));
  return emit(syntax, Op::one_of, ValueType::boolean, {}, {*left}, program_.lists.size() - 1);
}

Checked Checker::match(const Syntax& syntax) {
  auto left = check(*syntax.args[0]);
  if (!left || !require(*left, ValueType::text, fmt::format("`{}`", syntax.text))) {
    return std::nullopt;
  }
  const auto& pattern = *syntax.args[1];
  if (pattern.kind != Syntax::Kind::text) {
    return fail(pattern, "a pattern in quotes is needed here");
  }
  auto regex = Regex::compile(pattern.text);
  if (!regex) return fail(pattern, regex.error().message);
  program_.patterns.push_back(std::move(*regex));
  auto out =
      emit(syntax, Op::matches, ValueType::boolean, {}, {*left}, program_.patterns.size() - 1);
  if (syntax.text == "!~") out = emit(syntax, Op::opposite, ValueType::boolean, {}, {out});
  return out;
}

}  // namespace unity::expression
