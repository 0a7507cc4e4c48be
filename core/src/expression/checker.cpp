#include "checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "unity/core/base/suggest.hpp"

namespace unity::expression {
namespace {

struct Common {
  std::string_view name;
  Op op;
  ValueType type;
};
// What every record has.
constexpr Common kCommon[] = {{"metric", Op::metric, ValueType::text},
                              {"instance", Op::instance, ValueType::text},
                              {"plugin", Op::plugin, ValueType::text},
                              {"device", Op::device, ValueType::text},
                              {"time", Op::time, ValueType::number}};

ValueType type_of(Kind kind) {
  if (kind == Kind::boolean) return ValueType::boolean;
  return kind == Kind::text ? ValueType::text : ValueType::number;
}

std::string_view noun(ValueType type) {
  switch (type) {
    case ValueType::number:
      return "a number";
    case ValueType::boolean:
      return "a condition";
    case ValueType::text:
      return "text";
    case ValueType::null:
      return "null";
    case ValueType::any:
      break;
  }
  return "a value";
}

}  // namespace

bool Checker::run(const Syntax& root, const Expression::Wanted& wanted) {
  auto out = check(root);
  if (!out) return false;
  if (out->type == ValueType::null) {
    fail(root, "this is null for every record");
    return false;
  }
  if (wanted.type != ValueType::any && !require(*out, wanted.type, "this place")) return false;
  if (wanted.unit) {
    if (!require(*out, ValueType::number, "a unit")) return false;
    const auto way = out->unit ? conversion(*out->unit, *wanted.unit) : Conversion{};
    if (!way) {
      fail(root, way.error().message);
      return false;
    }
    convert(*out, *way, *wanted.unit);
  }
  // The root is the last node; a constant or a field may lie elsewhere.
  if (out->node + 1 != program_.nodes.size()) program_.nodes.push_back(program_.nodes[out->node]);
  program_.type = out->type;
  program_.unit = out->unit;
  return true;
}

Checked Checker::check(const Syntax& syntax) {
  switch (syntax.kind) {
    case Syntax::Kind::number: {
      auto out = constant(syntax, {ValueType::number, syntax.number, {}});
      if (!syntax.unit.empty()) {
        auto unit = parse_unit(syntax.unit);
        if (!unit) return fail(syntax, unit.error().message);
        out.unit = std::move(*unit);
      }
      return out;
    }
    case Syntax::Kind::text:
      return constant(syntax, {ValueType::text, 0, program_.texts.emplace_back(syntax.text)});
    case Syntax::Kind::boolean:
      return constant(syntax, {ValueType::boolean, syntax.number, {}});
    case Syntax::Kind::null:
      return constant(syntax, {});
    case Syntax::Kind::name:
      return name(syntax);
    case Syntax::Kind::quoted_name:
      return field(syntax);
    case Syntax::Kind::tag:
      program_.texts.push_back(syntax.text);
      return emit(syntax, Op::tag, ValueType::text, {}, {}, program_.texts.size() - 1);
    case Syntax::Kind::list:
      return fail(syntax, "a list stands only behind `in`");
    case Syntax::Kind::call:
      return call(syntax);
  }
  return std::nullopt;
}

Checked Checker::name(const Syntax& syntax) {
  for (const auto& common : kCommon) {
    if (common.name != syntax.text) continue;
    std::optional<Unit> unit;
    if (common.op == Op::time) unit = *parse_unit("s");
    return emit(syntax, common.op, common.type, std::move(unit), {});
  }
  return field(syntax);
}

Checked Checker::field(const Syntax& syntax) {
  FieldReference reference;
  reference.name = syntax.text;
  const auto* shape = scope_.metric != nullptr ? scope_.metric->find(syntax.text) : nullptr;
  if (shape != nullptr) {
    reference.type = type_of(shape->kind);
    if (reference.type == ValueType::number && !shape->unit.empty()) {
      // A unit that is not in the table is none for us.
      if (auto unit = parse_unit(shape->unit)) {
        reference.unit = std::move(*unit);
        reference.unit_text = shape->unit;
      }
    }
  } else if (scope_.metric != nullptr && !scope_.metric->open) {
    return unknown_field(syntax);
  }
  const auto type = reference.type;
  auto unit = reference.unit;
  program_.fields.push_back(std::move(reference));
  return emit(syntax, Op::field, type, std::move(unit), {}, program_.fields.size() - 1);
}

// Null if another metric has it.
Checked Checker::unknown_field(const Syntax& syntax) {
  const auto has_it = [&](const MetricSpec* metric) {
    return metric->open || metric->find(syntax.text) != nullptr;
  };
  if (std::any_of(scope_.others.begin(), scope_.others.end(), has_it)) {
    auto out = constant(syntax, {});
    out.type = ValueType::any;
    return out;
  }
  std::vector<std::string> names;
  for (const auto& field : scope_.metric->fields) names.push_back(field.name);
  for (const auto& common : kCommon) names.emplace_back(common.name);
  const auto near = nearest(syntax.text, names);
  return fail(syntax,
              fmt::format("metric \"{}\" has no field \"{}\"; {}", scope_.metric->name, syntax.text,
                          near ? fmt::format("did you mean {}?", *near)
                               : fmt::format("there are {}. A tag is written tags.{}",
                                             fmt::join(names, ", "), syntax.text)));
}

Checked Checker::fail(const Syntax& where, std::string message) {
  if (!mistake_) mistake_ = mistake_at(text_, where.offset, where.length, std::move(message));
  return std::nullopt;
}

bool Checker::require(const Operand& operand, ValueType type, std::string_view by) {
  if (operand.type == type || operand.type == ValueType::any) return true;
  auto message = fmt::format("{} needs {}; this is {}", by, noun(type), describe(operand));
  if (operand.type == ValueType::null) message += ". Ask with is_null(…)";
  fail(*operand.syntax, std::move(message));
  return false;
}

std::string Checker::describe(const Operand& operand) {
  auto out = std::string(noun(operand.type));
  if (operand.unit) out += " in " + operand.unit->description();
  return out;
}

std::optional<std::optional<Unit>> Checker::same_unit(const Syntax& syntax, Operand& left,
                                                      Operand& right, std::string_view what,
                                                      std::string_view with) {
  if (!left.unit || !right.unit) return left.unit ? left.unit : right.unit;
  auto* from = &right;
  auto* to = &left;
  if (is_constant(left) && !is_constant(right)) std::swap(from, to);
  const auto way = conversion(*from->unit, *to->unit);
  if (!way) {
    fail(syntax, fmt::format("cannot {} {} {} {}{}", what, left.unit->description(), with,
                             right.unit->description(),
                             way.error().message.find(';') != std::string::npos
                                 ? way.error().message.substr(way.error().message.find(';'))
                                 : ""));
    return std::nullopt;
  }
  convert(*from, *way, *to->unit);
  return to->unit;
}

void Checker::convert(Operand& operand, const Conversion& conversion, Unit unit) {
  if (!conversion.changes_nothing()) {
    program_.conversions.push_back(conversion);
    operand = emit(*operand.syntax, Op::convert, operand.type, {}, {operand},
                   program_.conversions.size() - 1);
  }
  operand.unit = std::move(unit);
}

Operand Checker::constant(const Syntax& syntax, Value value) {
  program_.constants.push_back(value);
  return emit(syntax, Op::constant, value.type, {}, {}, program_.constants.size() - 1);
}

Operand Checker::emit(const Syntax& syntax, Op op, ValueType type, std::optional<Unit> unit,
                      std::initializer_list<Operand> operands, std::size_t index) {
  Node node;
  node.op = op;
  node.index = static_cast<std::uint32_t>(index);
  std::array<std::uint32_t*, 3> places{&node.a, &node.b, &node.c};
  for (const auto& operand : operands) *places.at(node.operands++) = operand.node;
  return {push(node), type, std::move(unit), &syntax};
}

// Reckons at once what needs no record.
std::uint32_t Checker::push(Node node) {
  const auto index = static_cast<std::uint32_t>(program_.nodes.size());
  program_.nodes.push_back(node);
  if (!has_operands(node.op)) return index;
  bool all = true;
  bool null = false;  // a null among them
  const std::array<std::uint32_t, 3> operands{node.a, node.b, node.c};
  for (std::size_t i = 0; i < node.operands; ++i) {
    const auto& operand = program_.nodes[operands.at(i)];
    const bool fixed = operand.op == Op::constant;
    all &= fixed;
    null |= fixed && program_.constants[operand.index].is_null();
  }
  Value value;
  if (all) {
    value = program_.at(index, Record());
  } else if (!null || !is_strict(node.op)) {
    return index;
  }
  if (value.type == ValueType::text && (node.op == Op::lower || node.op == Op::upper)) {
    value.text = program_.texts.emplace_back(value.text);
  }
  program_.constants.push_back(value);
  program_.nodes[index] = Node{};
  program_.nodes[index].index = static_cast<std::uint32_t>(program_.constants.size() - 1);
  return index;
}

}  // namespace unity::expression
