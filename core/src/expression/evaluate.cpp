#include <algorithm>
#include <cmath>

#include "program.hpp"
#include "unity/core/base/glob.hpp"

namespace unity::expression {
namespace {

Value null() { return {}; }
Value boolean(bool value) { return {ValueType::boolean, value ? 1.0 : 0.0, {}}; }
Value text(std::string_view value) { return {ValueType::text, 0, value}; }
// What is no number (1 / 0) is null.
Value number(double value) {
  return std::isfinite(value) ? Value{ValueType::number, value, {}} : Value{};
}

// Null for values of different types.
template <class Compare>
Value compare(const Value& a, const Value& b, Compare holds) {
  if (a.type != b.type) return null();
  return boolean(a.type == ValueType::text ? holds(a.text.compare(b.text), 0)
                                           : holds(a.number, b.number));
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

double rounded(double value, double digits) {
  const double scale = std::pow(10, digits);
  return std::round(value * scale) / scale;
}

Value numeric(Op op, double a, double b) {
  switch (op) {
    case Op::add:
      return number(a + b);
    case Op::subtract:
      return number(a - b);
    case Op::multiply:
      return number(a * b);
    case Op::divide:
      return number(a / b);
    case Op::modulo:
      return number(std::fmod(a, b));
    case Op::minimum:
      return number(std::min(a, b));
    case Op::maximum:
      return number(std::max(a, b));
    case Op::round:
      return number(rounded(a, b));
    case Op::power:
      return number(std::pow(a, b));
    case Op::negative:
      return number(-a);
    case Op::absolute:
      return number(std::abs(a));
    case Op::floor:
      return number(std::floor(a));
    case Op::ceil:
      return number(std::ceil(a));
    case Op::sqrt:
      return number(std::sqrt(a));
    case Op::log:
      return number(std::log(a));
    case Op::log10:
      return number(std::log10(a));
    case Op::exp:
      return number(std::exp(a));
    default:
      return null();
  }
}

}  // namespace

Value Program::at(std::uint32_t index, const Record& record) {
  const Node& node = nodes[index];
  switch (node.op) {
    case Op::constant:
      return constants[node.index];
    case Op::field:
      return field(fields[node.index], record);
    case Op::tag: {
      const auto* found = record.tags.find(texts[node.index]);
      return found != nullptr ? text(*found) : null();
    }
    case Op::metric:
      return text(record.metric);
    case Op::instance:
      return record.origin ? text(record.origin->instance) : null();
    case Op::plugin:
      return record.origin ? text(record.origin->plugin) : null();
    case Op::device:
      return record.origin ? text(record.origin->device) : null();
    case Op::time:
      return number(std::chrono::duration<double>(record.time.time_since_epoch()).count());
    case Op::both:
    case Op::either: {
      // Decided by one false (or true) operand, whatever the other; else null if one is null.
      const double decisive = node.op == Op::either ? 1 : 0;
      const auto a = at(node.a, record);
      if (a.type == ValueType::boolean && a.number == decisive) return a;
      const auto b = at(node.b, record);
      if (b.type == ValueType::boolean && b.number == decisive) return b;
      return a.type == ValueType::boolean && b.type == ValueType::boolean ? a : null();
    }
    case Op::choose:
      return at(at(node.a, record).is_true() ? node.b : node.c, record);
    case Op::coalesce: {
      const auto a = at(node.a, record);
      return a.is_null() ? at(node.b, record) : a;
    }
    case Op::is_null:
      return boolean(at(node.a, record).is_null());
    default:
      return strict(node, record);
  }
}

Value Program::strict(const Node& node, const Record& record) {
  const auto a = at(node.a, record);
  if (a.is_null()) return a;
  Value b;
  if (node.operands > 1) {
    b = at(node.b, record);
    if (b.is_null()) return b;
  }
  switch (node.op) {
    case Op::equal:
      return compare(a, b, [](auto x, auto y) { return x == y; });
    case Op::unequal:
      return compare(a, b, [](auto x, auto y) { return x != y; });
    case Op::less:
      return compare(a, b, [](auto x, auto y) { return x < y; });
    case Op::less_equal:
      return compare(a, b, [](auto x, auto y) { return x <= y; });
    case Op::greater:
      return compare(a, b, [](auto x, auto y) { return x > y; });
    case Op::greater_equal:
      return compare(a, b, [](auto x, auto y) { return x >= y; });
    case Op::opposite:
      return a.type == ValueType::boolean ? boolean(a.number == 0) : null();
    case Op::one_of: {
      const auto& list = lists[node.index];
      return boolean(std::any_of(list.begin(), list.end(), [&](const Value& element) {
        return element.type == a.type && element.number == a.number && element.text == a.text;
      }));
    }
    default:
      break;
  }
  if (a.type == ValueType::number) {
    if (node.op == Op::convert) return number(conversions[node.index](a.number));
    if (node.operands > 1 && b.type != ValueType::number) return null();
    return numeric(node.op, a.number, b.number);
  }
  if (a.type != ValueType::text || (node.operands > 1 && b.type != ValueType::text)) return null();
  switch (node.op) {
    case Op::matches:
      return boolean(patterns[node.index].matches(a.text));
    case Op::glob:
      return boolean(matches_glob(b.text, a.text));
    case Op::lower:
      return changed_case(a.text, 'A', 'a');
    case Op::upper:
      return changed_case(a.text, 'a', 'A');
    case Op::starts_with:
      return boolean(a.text.starts_with(b.text));
    case Op::ends_with:
      return boolean(a.text.ends_with(b.text));
    case Op::contains:
      return boolean(a.text.find(b.text) != a.text.npos);
    case Op::length:
      return number(static_cast<double>(characters(a.text)));
    default:
      return null();
  }
}

Value Program::field(FieldReference& reference, const Record& record) {
  const auto& list = record.fields;
  if (reference.hint >= list.size() || list[reference.hint].name != reference.name) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const Field& candidate) {
      return candidate.name == reference.name;
    });
    if (found == list.end()) return null();
    reference.hint = static_cast<std::size_t>(found - list.begin());
  }
  const auto& found = list[reference.hint];
  if (const auto* held = std::get_if<std::string>(&found.value)) {
    const bool fits = reference.type == ValueType::text || reference.type == ValueType::any;
    return fits ? text(*held) : null();
  }
  if (!is_number(found.value) || reference.type == ValueType::text) return null();
  const double value = as_double(found.value);
  if (reference.type == ValueType::boolean ||
      (reference.type == ValueType::any && std::holds_alternative<bool>(found.value))) {
    return boolean(value != 0);
  }
  if (!reference.unit || found.unit.empty() || found.unit == reference.unit_text) {
    return number(value);
  }
  // A stage before this one has changed the unit of this record's field.
  if (found.unit != reference.other_text) {
    reference.other_text = found.unit;
    reference.other.reset();
    const auto from = parse_unit(found.unit);
    const auto way = from ? conversion(*from, *reference.unit) : from.error();
    if (way) reference.other = *way;
  }
  return reference.other ? number((*reference.other)(value)) : null();
}

Value Program::changed_case(std::string_view from_text, char from, char to) {
  if (made_ == made_texts_.size()) made_texts_.emplace_back();
  auto& out = made_texts_[made_++];
  out.assign(from_text);
  for (char& c : out) {
    if (c >= from && c < from + 26) c = static_cast<char>(c - from + to);
  }
  return text(out);
}

}  // namespace unity::expression
