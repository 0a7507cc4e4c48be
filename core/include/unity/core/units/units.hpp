// Units of measurement: their names, what they measure, and how to convert between them. The texts
// are those of UCUM where people write them too ("By", "s", "Cel", "{packet}"), and the usual ones
// where they do not ("MB", "KiB", "kbit/s"). docs/expressions.md lists them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unity/core/base/result.hpp"

namespace unity {

inline constexpr std::size_t kUnitSizeMax = 64;  // bytes of a unit's text

// What a unit measures: the exponents of the base quantities. All zero: a ratio or a count.
struct Dimension {
  enum Base : std::uint8_t { length, mass, time, current, temperature, information };
  std::array<std::int8_t, 6> exponents{};

  friend bool operator==(const Dimension&, const Dimension&) = default;
};

// A value in base units (m, kg, s, A, Cel, bit) is (value - zero) * factor / divisor. As a
// fraction, so that thousandths and ninths do not lose their last bits.
struct Unit {
  // Symbols with their exponents, none zero and none twice: {"MB", 1}, {"s", -1}.
  std::vector<std::pair<std::string, int>> parts;
  Dimension dimension;
  double factor = 1;
  double divisor = 1;
  double zero = 0;      // where water freezes, of a unit of temperature
  bool affine = false;  // begins at an arbitrary zero (Cel, [degF]): no part of a product

  // The canonical text: "By", "MB/s", "{packet}/s", "1".
  std::string text() const;
  // "By (information)"; the text alone where the quantity has no name.
  std::string description() const;

  friend bool operator==(const Unit&, const Unit&) = default;
};

// Accepts the names of the table, aliases among them, and products and quotients without blanks:
// "MB/s", "kW.h", "m/s2", "/s". The empty text is no unit; ask before.
Result<Unit> parse_unit(std::string_view text);
// Whether the text is the name of one unit of the table (no product).
bool is_unit_name(std::string_view text);
// Every canonical name with what it measures, in the order of the documentation.
std::vector<std::pair<std::string, std::string>> unit_names();

// Fails if a factor is affine, or if a power becomes absurd.
Result<Unit> multiply(const Unit& left, const Unit& right);
Result<Unit> divide(const Unit& left, const Unit& right);
// The unit of a difference: K for Cel and [degF], otherwise the same.
Unit difference_of(const Unit& unit);

// Computed once, applied to many values.
struct Conversion {
  double before = 0;
  double factor = 1;
  double divisor = 1;
  double after = 0;

  double operator()(double value) const { return (value + before) * factor / divisor + after; }
  bool changes_nothing() const { return factor == 1 && divisor == 1 && before == 0 && after == 0; }
};

// Fails if the two measure different things.
Result<Conversion> conversion(const Unit& from, const Unit& to);
// For differences of temperatures: the zeros do not count.
Result<Conversion> conversion_of_difference(const Unit& from, const Unit& to);

}  // namespace unity
