#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "checker.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity::expression {

// What each function takes and gives. The number of arguments is checked already.
struct Functions {
  using Check = Checked (*)(Checker&, const Syntax&, Checker::Operands&, Op);
  struct Row {
    std::string_view name;
    std::size_t arguments_min;
    std::size_t arguments_max;
    Check check;
    Op op;
  };

  static bool numbers(Checker& c, const Syntax& call, const Checker::Operands& args) {
    return std::all_of(args.begin(), args.end(), [&](const Operand& arg) {
      return c.require(arg, ValueType::number, call.text + "()");
    });
  }

  // A number in, one of the same unit out.
  static Checked same(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    if (!numbers(c, call, args)) return std::nullopt;
    return c.emit(call, op, ValueType::number, args[0].unit, {args[0]});
  }

  static Checked extreme(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    if (!numbers(c, call, args)) return std::nullopt;
    auto out = args[0];
    for (std::size_t i = 1; i < args.size(); ++i) {
      auto unit = c.same_unit(call, out, args[i], "compare", "with");
      if (!unit) return std::nullopt;
      out = c.emit(call, op, ValueType::number, std::move(*unit), {out, args[i]});
    }
    return out;
  }

  static Checked clamp(Checker& c, const Syntax& call, Checker::Operands& args, Op) {
    Checker::Operands low{args[0], args[1]};
    auto raised = extreme(c, call, low, Op::maximum);
    if (!raised) return raised;
    Checker::Operands high{*raised, args[2]};
    return extreme(c, call, high, Op::minimum);
  }

  static Checked round(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    if (!numbers(c, call, args)) return std::nullopt;
    if (args.size() == 1) args.push_back(c.constant(call, {ValueType::number, 0, {}}));
    const auto& digits = args[1];
    if (!c.is_constant(digits) || digits.unit || std::abs(c.constant_of(digits).number) > 15 ||
        std::trunc(c.constant_of(digits).number) != c.constant_of(digits).number) {
      return c.fail(*digits.syntax, "the digits must be a whole number from -15 to 15");
    }
    return c.emit(call, op, ValueType::number, args[0].unit, {args[0], digits});
  }

  // Of ratios and plain numbers: sqrt, log, pow.
  static Checked plain(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    if (!numbers(c, call, args)) return std::nullopt;
    for (auto& arg : args) {
      if (!arg.unit) continue;
      const auto way = conversion(*arg.unit, Unit{});
      if (!way) {
        return c.fail(*arg.syntax, fmt::format("{}() takes a ratio, not {}; divide first",
                                               call.text, arg.unit->description()));
      }
      c.convert(arg, *way, Unit{});
    }
    if (args.size() == 1) return c.emit(call, op, ValueType::number, args[0].unit, {args[0]});
    return c.emit(call, op, ValueType::number, args[0].unit, {args[0], args[1]});
  }

  // One type and one unit for both; null literals fit with anything.
  static bool merge(Checker& c, const Syntax& call, Operand& left, Operand& right, ValueType& type,
                    std::optional<Unit>& unit) {
    type = left.type == ValueType::null ? right.type : left.type;
    const bool open = left.type == ValueType::any || right.type == ValueType::any;
    if (open) type = ValueType::any;
    if (!open && right.type != ValueType::null && right.type != type) {
      c.fail(call, fmt::format("{}() may give {} or {}; both must be of one type", call.text,
                               Checker::describe(left), Checker::describe(right)));
      return false;
    }
    auto merged = c.same_unit(call, left, right, "give", "or");
    if (merged) unit = std::move(*merged);
    return merged.has_value();
  }

  static Checked choose(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    if (!c.require(args[0], ValueType::boolean, "if()")) return std::nullopt;
    ValueType type{};
    std::optional<Unit> unit;
    if (!merge(c, call, args[1], args[2], type, unit)) return std::nullopt;
    return c.emit(call, op, type, std::move(unit), {args[0], args[1], args[2]});
  }

  static Checked coalesce(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    auto out = args[0];
    for (std::size_t i = 1; i < args.size(); ++i) {
      ValueType type{};
      std::optional<Unit> unit;
      if (!merge(c, call, out, args[i], type, unit)) return std::nullopt;
      out = c.emit(call, op, type, std::move(unit), {out, args[i]});
    }
    return out;
  }

  static Checked is_null(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    return c.emit(call, op, ValueType::boolean, {}, {args[0]});
  }

  static Checked exists(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    const auto kind = call.args[0]->kind;
    if (kind != Syntax::Kind::name && kind != Syntax::Kind::quoted_name &&
        kind != Syntax::Kind::tag) {
      return c.fail(*call.args[0], "exists() takes the name of a field or tag");
    }
    const auto absent = c.emit(call, op, ValueType::boolean, {}, {args[0]});
    return c.emit(call, Op::opposite, ValueType::boolean, {}, {absent});
  }

  static bool texts(Checker& c, const Syntax& call, const Checker::Operands& args) {
    return std::all_of(args.begin(), args.end(), [&](const Operand& arg) {
      return c.require(arg, ValueType::text, call.text + "()");
    });
  }
  static Checked of_text(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    if (!texts(c, call, args)) return std::nullopt;
    const auto type = op == Op::length ? ValueType::number : ValueType::text;
    return c.emit(call, op, type, {}, {args[0]});
  }
  static Checked of_two_texts(Checker& c, const Syntax& call, Checker::Operands& args, Op op) {
    if (!texts(c, call, args)) return std::nullopt;
    return c.emit(call, op, ValueType::boolean, {}, {args[0], args[1]});
  }

  static Checked convert(Checker& c, const Syntax& call, Checker::Operands& args, Op) {
    if (!c.require(args[0], ValueType::number, "convert()")) return std::nullopt;
    if (call.args[1]->kind != Syntax::Kind::text) {
      return c.fail(*call.args[1], "a unit in quotes is needed here, as in convert(free, \"GB\")");
    }
    auto unit = parse_unit(call.args[1]->text);
    if (!unit) return c.fail(*call.args[1], unit.error().message);
    // A plain number takes the unit.
    const auto way = args[0].unit ? conversion(*args[0].unit, *unit) : Conversion{};
    if (!way) return c.fail(call, way.error().message);
    auto out = args[0];
    out.syntax = &call;
    c.convert(out, *way, std::move(*unit));
    return out;
  }

  static const Row kRows[24];
};

const Functions::Row Functions::kRows[24] = {
    {"abs", 1, 1, same, Op::absolute},
    {"ceil", 1, 1, same, Op::ceil},
    {"clamp", 3, 3, clamp, Op::minimum},
    {"coalesce", 2, kArgumentsMax, coalesce, Op::coalesce},
    {"contains", 2, 2, of_two_texts, Op::contains},
    {"convert", 2, 2, convert, Op::convert},
    {"ends_with", 2, 2, of_two_texts, Op::ends_with},
    {"exists", 1, 1, exists, Op::is_null},
    {"exp", 1, 1, plain, Op::exp},
    {"floor", 1, 1, same, Op::floor},
    {"glob", 2, 2, of_two_texts, Op::glob},
    {"if", 3, 3, choose, Op::choose},
    {"is_null", 1, 1, is_null, Op::is_null},
    {"length", 1, 1, of_text, Op::length},
    {"log", 1, 1, plain, Op::log},
    {"log10", 1, 1, plain, Op::log10},
    {"lower", 1, 1, of_text, Op::lower},
    {"max", 2, kArgumentsMax, extreme, Op::maximum},
    {"min", 2, kArgumentsMax, extreme, Op::minimum},
    {"pow", 2, 2, plain, Op::power},
    {"round", 1, 2, round, Op::round},
    {"sqrt", 1, 1, plain, Op::sqrt},
    {"starts_with", 2, 2, of_two_texts, Op::starts_with},
    {"upper", 1, 1, of_text, Op::upper},
};

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const auto& row : Functions::kRows) names.emplace_back(row.name);
  return names;
}

Checked Checker::function(const Syntax& syntax) {
  const auto* const row = std::find_if(std::begin(Functions::kRows), std::end(Functions::kRows),
                                       [&](const auto& r) { return r.name == syntax.text; });
  if (row == std::end(Functions::kRows)) {
    const auto near = nearest(syntax.text, function_names());
    return fail(syntax, fmt::format("there is no function {}(){}", syntax.text,
                                    near ? fmt::format("; did you mean {}()?", *near) : ""));
  }
  const auto given = syntax.args.size();
  if (given < row->arguments_min || given > row->arguments_max) {
    const auto wanted = row->arguments_min == row->arguments_max
                            ? std::to_string(row->arguments_min)
                        : row->arguments_max == kArgumentsMax
                            ? fmt::format("at least {}", row->arguments_min)
                            : fmt::format("{} to {}", row->arguments_min, row->arguments_max);
    return fail(syntax, fmt::format("{}() takes {} values, not {}", syntax.text, wanted, given));
  }
  Operands args;
  for (const auto& arg : syntax.args) {
    auto checked = check(*arg);
    if (!checked) return checked;
    args.push_back(std::move(*checked));
  }
  return row->check(*this, syntax, args, row->op);
}

}  // namespace unity::expression
