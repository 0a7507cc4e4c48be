#include "frames/number.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "unity/core/json/value.hpp"

namespace unity::db {
namespace {

template <class Integer>
void append_integer(std::string& out, Integer value) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

template <class T>
bool parse_as(std::string_view text, Number& number) {
  T value{};
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return false;
  number = value;
  return true;
}

}  // namespace

Number to_number(const FieldValue& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return std::int64_t{*boolean};
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* positive = std::get_if<std::uint64_t>(&value)) {
    if (*positive > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return *positive;
    }
    return static_cast<std::int64_t>(*positive);
  }
  const auto* real = std::get_if<double>(&value);
  if (real != nullptr && std::isfinite(*real)) return *real;
  return std::monostate();
}

bool same_number(const Number& a, const Number& b) {
  if (is_absent(a) || is_absent(b)) return is_absent(a) && is_absent(b);
  const bool any_real = std::holds_alternative<double>(a) || std::holds_alternative<double>(b);
  return any_real ? to_double(a) == to_double(b) : a == b;
}

void append_json(std::string& out, const Number& number) {
  if (const auto* integer = std::get_if<std::int64_t>(&number)) {
    append_integer(out, *integer);
  } else if (const auto* large = std::get_if<std::uint64_t>(&number)) {
    append_integer(out, *large);
  } else if (const auto* real = std::get_if<double>(&number)) {
    json::append_number(out, *real);
  } else {
    out += "null";
  }
}

bool parse_number(std::string_view text, Number& number) {
  if (text == "null") {
    number = std::monostate();
    return true;
  }
  return parse_as<std::int64_t>(text, number) || parse_as<std::uint64_t>(text, number) ||
         parse_as<double>(text, number);
}

FieldValue to_field_value(const Number& number, Kind kind) {
  if (kind == Kind::boolean) return to_double(number) != 0;
  if (const auto* integer = std::get_if<std::int64_t>(&number)) return *integer;
  if (const auto* large = std::get_if<std::uint64_t>(&number)) return *large;
  return std::get<double>(number);
}

double to_double(const Number& number) {
  if (const auto* whole = std::get_if<std::int64_t>(&number)) return static_cast<double>(*whole);
  if (const auto* whole = std::get_if<std::uint64_t>(&number)) return static_cast<double>(*whole);
  return std::get<double>(number);
}

}  // namespace unity::db
