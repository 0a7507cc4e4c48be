// A number as storage keeps it: exact for every integer of 64 bits, else a double.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "unity/core/model/record.hpp"

namespace unity::db {

// Absent (monostate) or a number. uint64 only holds what int64 cannot, so that equal integers are
// equal variants.
using Number = std::variant<std::monostate, std::int64_t, std::uint64_t, double>;

inline bool is_absent(const Number& number) { return number.index() == 0; }

// Booleans become 0 and 1; NaN, infinities and what is not a number become absent.
Number to_number(const FieldValue& value);
// 1 and 1.0 are the same number.
bool same_number(const Number& a, const Number& b);
// The shortest JSON that reads back as the same number; absent is null.
void append_json(std::string& out, const Number& number);
// Reads one JSON number or null; false if the text is neither.
bool parse_number(std::string_view text, Number& number);
// The nearest double; the number must not be absent.
double to_double(const Number& number);
// The number must not be absent.
FieldValue to_field_value(const Number& number, Kind kind);

}  // namespace unity::db
