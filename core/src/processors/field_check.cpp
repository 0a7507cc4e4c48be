#include "field_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace unity {
namespace {

std::string to_text(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return fmt::format("\"{}\"", *text);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (std::holds_alternative<std::monostate>(value)) return "null";
  return fmt::format("{}", as_double(value));
}

bool is_equal(const FieldValue& one, const FieldValue& other) {
  if (is_number(one) && is_number(other)) return as_double(one) == as_double(other);
  return one == other;
}

template <class... Args>
Fault fault(std::string_view name, fmt::format_string<Args...> text, Args&&... args) {
  return {name, fmt::format(text, std::forward<Args>(args)...)};
}

bool is_in_range(double number, const std::optional<double>& minimum,
                 const std::optional<double>& maximum) {
  return (!minimum || number >= *minimum) && (!maximum || number <= *maximum);
}

std::optional<Fault> check_range(const std::string& metric, const std::string& field, double number,
                                 const std::optional<double>& minimum,
                                 const std::optional<double>& maximum) {
  if (is_in_range(number, minimum, maximum)) return std::nullopt;
  return fault("out of range", "field \"{}\" of \"{}\" is {}, outside {}..{}", field, metric,
               number, minimum.value_or(-INFINITY), maximum.value_or(INFINITY));
}

std::optional<Fault> check_allowed(const std::string& metric, const Field& field,
                                   const std::vector<FieldValue>& allowed) {
  const bool known = allowed.empty() || std::any_of(allowed.begin(), allowed.end(), [&](auto& one) {
                       return is_equal(one, field.value);
                     });
  if (known) return std::nullopt;
  std::string list;
  for (const auto& one : allowed) list += (list.empty() ? "" : ", ") + to_text(one);
  return fault("not allowed", "field \"{}\" of \"{}\" is {}, none of {}", field.name, metric,
               to_text(field.value), list);
}

bool has_type(const FieldValue& value, FieldRule::Type type) {
  switch (type) {
    case FieldRule::Type::any:
      return true;
    case FieldRule::Type::text:
      return std::holds_alternative<std::string>(value);
    case FieldRule::Type::boolean:
      return std::holds_alternative<bool>(value) ||
             (is_number(value) && (as_double(value) == 0 || as_double(value) == 1));
    case FieldRule::Type::number:
      return is_number(value) && !std::holds_alternative<bool>(value);
    case FieldRule::Type::whole:
      return is_number(value) && !std::holds_alternative<bool>(value) &&
             as_double(value) == std::floor(as_double(value));
  }
  return false;
}

}  // namespace

std::optional<Fault> check_declared(const std::string& metric, const FieldSpec& spec,
                                    Field& field) {
  field.kind = spec.kind;
  field.unit = spec.unit;
  if (std::holds_alternative<std::monostate>(field.value)) return std::nullopt;
  if (spec.kind == Kind::text) {
    if (!std::holds_alternative<std::string>(field.value)) {
      return fault("wrong type", "field \"{}\" of \"{}\" is declared as text and is a number",
                   spec.name, metric);
    }
    return check_allowed(metric, field, spec.allowed);
  }
  if (!is_number(field.value)) {
    return fault("wrong type", "field \"{}\" of \"{}\" is declared as {} and is text", spec.name,
                 metric, unity::to_text(spec.kind));
  }
  const double number = as_double(field.value);
  if (spec.kind == Kind::boolean && number != 0 && number != 1) {
    return fault("wrong type", "field \"{}\" of \"{}\" is declared as bool and is {}", spec.name,
                 metric, number);
  }
  if (spec.kind == Kind::counter && number < 0) {
    return fault("out of range", "counter \"{}\" of \"{}\" is {}, below zero", spec.name, metric,
                 number);
  }
  if (is_in_range(number, spec.minimum, spec.maximum) && spec.allowed.empty()) return std::nullopt;
  if (auto found = check_range(metric, spec.name, number, spec.minimum, spec.maximum)) return found;
  return check_allowed(metric, field, spec.allowed);
}

std::optional<Fault> check_rule(const std::string& metric, const FieldRule& rule,
                                const Field* field) {
  static constexpr std::array<std::string_view, 5> kTypes{"anything", "a number", "a whole number",
                                                          "true or false", "text"};
  if (field == nullptr || std::holds_alternative<std::monostate>(field->value)) {
    if (!rule.required) return std::nullopt;
    return fault("missing", "field \"{}\" of \"{}\" is required and is {}", rule.field, metric,
                 field == nullptr ? "not there" : "null");
  }
  if (!has_type(field->value, rule.type)) {
    return fault("wrong type", "field \"{}\" of \"{}\" must be {} and is {}", rule.field, metric,
                 kTypes[static_cast<std::size_t>(rule.type)], to_text(field->value));
  }
  if ((rule.minimum || rule.maximum) && is_number(field->value)) {
    if (auto found =
            check_range(metric, rule.field, as_double(field->value), rule.minimum, rule.maximum)) {
      return found;
    }
  }
  return check_allowed(metric, *field, rule.allowed);
}

}  // namespace unity
