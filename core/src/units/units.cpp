#include "unity/core/units/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "table.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity {
namespace {

constexpr int kExponentMax = 12;  // of a base quantity; more is a mistake
constexpr std::size_t kPartsMax = 8;
constexpr double kFreezing = 273.15;  // in K

Error invalid(std::string message) { return {Errc::invalid, std::move(message)}; }

// `factor / divisor` in lowest terms as far as whole numbers go, so that By to MB divides by 1e6.
void reduce(double& factor, double& divisor) {
  if (divisor >= factor && std::fmod(divisor, factor) == 0) {
    divisor /= factor;
    factor = 1;
  } else if (factor > divisor && std::fmod(factor, divisor) == 0) {
    factor /= divisor;
    divisor = 1;
  }
}

// A temperature that is no point on a scale with an arbitrary zero counts from absolute zero.
void settle_zero(Unit& unit) {
  Dimension temperature;
  temperature.exponents[Dimension::temperature] = 1;
  const bool absolute = unit.dimension == temperature && !unit.affine;
  if (!unit.affine) unit.zero = absolute ? kFreezing * unit.divisor / unit.factor : 0;
}

// left * right^sign
Result<Unit> product(const Unit& left, const Unit& right, int sign) {
  for (const auto* one : {&left, &right}) {
    if (one->affine) {
      return invalid(
          fmt::format("a temperature in {} cannot be multiplied or divided, as its zero is "
                      "arbitrary; convert it to K first",
                      one->text()));
    }
  }
  Unit out = left;
  for (const auto& [symbol, exponent] : right.parts) {
    const auto same = std::find_if(out.parts.begin(), out.parts.end(),
                                   [&, &name = symbol](const auto& p) { return p.first == name; });
    if (same == out.parts.end()) {
      out.parts.emplace_back(symbol, sign * exponent);
    } else if ((same->second += sign * exponent) == 0) {
      out.parts.erase(same);
    }
  }
  bool absurd = out.parts.size() > kPartsMax;
  for (std::size_t i = 0; i < out.dimension.exponents.size(); ++i) {
    const int exponent = out.dimension.exponents[i] + sign * right.dimension.exponents[i];
    absurd |= std::abs(exponent) > kExponentMax;
    out.dimension.exponents[i] = static_cast<std::int8_t>(exponent);
  }
  for (const auto& part : out.parts) absurd |= std::abs(part.second) > kExponentMax;
  out.factor *= sign > 0 ? right.factor : right.divisor;
  out.divisor *= sign > 0 ? right.divisor : right.factor;
  reduce(out.factor, out.divisor);
  if (absurd || !std::isnormal(out.factor) || !std::isnormal(out.divisor)) {
    return invalid(
        fmt::format("{} and {} make a unit of too many powers", left.text(), right.text()));
  }
  settle_zero(out);
  return out;
}

Error mismatch(const Unit& from, const Unit& to) {
  const auto minutes = [](const Unit& a, const Unit& b) {
    return a.text() == "m" && units::quantity_of(b.dimension) == "time";
  };
  return invalid(
      fmt::format("cannot convert {} to {}{}", from.description(), to.description(),
                  minutes(from, to) || minutes(to, from) ? "; m is metres, minutes are min" : ""));
}

Error unknown(std::string_view name, std::string_view whole) {
  const auto near = nearest(name, units::all_names());
  auto text = fmt::format("unknown unit \"{}\"", name);
  if (name != whole) text += fmt::format(" in \"{}\"", whole);
  if (const auto advice = units::advice_for(name)) {
    text += fmt::format("; {}", *advice);
  } else if (near) {
    text += fmt::format("; did you mean \"{}\"?", *near);
  }
  return invalid(std::move(text));
}

// One factor of a product: a name with an optional exponent, or an annotation such as {packet}.
Result<Unit> parse_factor(std::string_view text, std::string_view whole) {
  if (const auto* found = units::find_unit(text)) return *found;
  if (const auto brace = text.find('{'); brace != text.npos) {
    if (text.back() != '}' || text.size() - brace < 3 ||
        text.find_first_of("{}", brace + 1) != text.size() - 1) {
      return invalid(fmt::format("\"{}\": an annotation has the form {{packet}}", whole));
    }
    if (brace > 0) return parse_factor(text.substr(0, brace), whole);  // "By{written}"
    Unit annotation;
    annotation.parts.emplace_back(text, 1);
    return annotation;
  }
  const auto digits = text.find_last_not_of("0123456789");
  if (digits != text.npos && digits + 2 == text.size()) {  // one digit: a power
    auto name = text.substr(0, digits + 1);
    const bool negative = name.ends_with('-');
    if (negative || name.ends_with('^')) name.remove_suffix(1);
    const auto* base = units::find_unit(name);
    if (base == nullptr) return unknown(name, whole);
    Unit out;
    for (int i = text.back() - '0'; i > 0; --i) {
      auto next = product(out, *base, negative ? -1 : 1);
      if (!next) return next;
      out = std::move(*next);
    }
    return out;
  }
  return unknown(text, whole);
}

}  // namespace

std::string Unit::text() const {
  std::string out;
  const auto append = [&](const std::string& symbol, int exponent) {
    out += symbol;
    if (exponent > 1) out += std::to_string(exponent);
  };
  for (const auto& [symbol, exponent] : parts) {
    if (exponent < 0) continue;
    if (!out.empty()) out += '.';
    append(symbol, exponent);
  }
  if (out.empty()) out += '1';
  for (const auto& [symbol, exponent] : parts) {
    if (exponent > 0) continue;
    out += '/';
    append(symbol, -exponent);
  }
  return out;
}

std::string Unit::description() const {
  const auto quantity = units::quantity_of(dimension);
  return quantity.empty() ? text() : fmt::format("{} ({})", text(), quantity);
}

Result<Unit> parse_unit(std::string_view text) {
  if (text.empty()) return invalid("a unit is missing; write \"1\" for a plain number");
  if (text.size() > kUnitSizeMax) {
    return invalid(fmt::format("a unit has at most {} bytes", kUnitSizeMax));
  }
  if (const auto* found = units::find_unit(text)) return *found;
  Unit out;
  int sign = 1;
  for (std::size_t at = 0; at <= text.size();) {
    auto end = at;  // of the factor; an annotation may hold anything
    for (bool inside = false; end < text.size(); ++end) {
      if (text[end] == '{') inside = true;
      if (text[end] == '}') inside = false;
      if (!inside && (text[end] == '/' || text[end] == '.' || text[end] == '*')) break;
    }
    const auto factor = text.substr(at, end - at);
    if (!factor.empty()) {
      const auto unit = parse_factor(factor, text);
      if (!unit) return unit;
      auto next = product(out, *unit, sign);
      if (!next) return next;
      out = std::move(*next);
    } else if (end != 0 || end == text.size() || text[end] != '/') {  // "/s" is "1/s"
      return invalid(fmt::format("\"{}\" is no unit: a name is missing", text));
    }
    if (end == text.size()) break;
    sign = text[end] == '/' ? -1 : 1;
    at = end + 1;
  }
  return out;
}

bool is_unit_name(std::string_view text) { return units::find_unit(text) != nullptr; }

Result<Unit> multiply(const Unit& left, const Unit& right) { return product(left, right, 1); }
Result<Unit> divide(const Unit& left, const Unit& right) { return product(left, right, -1); }

Unit difference_of(const Unit& unit) { return unit.affine ? *units::find_unit("K") : unit; }

Result<Conversion> conversion(const Unit& from, const Unit& to) {
  auto scale = conversion_of_difference(from, to);
  if (!scale || (from.zero == to.zero && from.zero == 0)) return scale;
  scale->before = -from.zero;
  scale->after = to.zero;
  if (scale->factor == 1 && scale->divisor == 1) {  // one sum loses less than two
    scale->after -= from.zero;
    scale->before = 0;
  }
  return scale;
}

Result<Conversion> conversion_of_difference(const Unit& from, const Unit& to) {
  if (from.dimension != to.dimension) return mismatch(from, to);
  Conversion out;
  out.factor = from.factor * to.divisor;
  out.divisor = from.divisor * to.factor;
  reduce(out.factor, out.divisor);
  return out;
}

}  // namespace unity
