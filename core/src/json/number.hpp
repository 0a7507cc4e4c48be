// Reads a number from its JSON text. RapidJSON's own reading is not used: fast, it misses the last
// bits; with full precision, it reads a zero of many digits ("0e300", "0.000…0") as any number.
// Private to core/src/json.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace unity::json {

// Calls `take` with an int64 if it fits, else a uint64, else the nearest double, and returns what
// it returns. False if the number is too large. `text` must be a number as JSON writes it.
template <class Take>
bool read_number(std::string_view text, Take take) {
  const char* end = text.data() + text.size();
  const auto reads = [&](auto& number) {
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc() && result.ptr == end;
  };
  if (std::int64_t integer = 0; reads(integer)) return take(integer);
  if (std::uint64_t positive = 0; reads(positive)) return take(positive);
  double real = 0;
  // Beyond the normal range, from_chars does not tell too small from too large.
  if (!reads(real)) real = std::strtod(std::string(text).c_str(), nullptr);
  return std::isfinite(real) && take(real);
}

}  // namespace unity::json
