// Checks a document against a schema that has been compiled. Private to core/src/json.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/json/schema.hpp"

namespace unity::json {

inline constexpr std::string_view kDurationRef = "unity:duration";
inline constexpr std::string_view kSecretRef = "unity:secret";

// Fills in the defaults of `value`, then adds what does not fit to `found`. `schema` must have
// been compiled; `pointer` is where the value stands.
void check_value(const Value& schema, Value& value, const std::string& pointer,
                 std::vector<Mismatch>& found);

// The pointer to a member or an element, escaped as RFC 6901 says.
std::string child_pointer(std::string_view parent, std::string_view name);

// As JSON Schema sees it: 1 and 1.0 are equal, the order of members does not matter.
bool same_value(const Value& one, const Value& other);

// The same bytes for the same values, and for no others. As same_value(), but it never rounds.
std::string canonical(const Value& value);

// Exact for whole numbers of any size.
std::partial_ordering compare_numbers(const Value& one, const Value& other);

// Whether a value is of a type that a schema can name: "number" includes every integer.
bool is_type(const Value& value, std::string_view type);

// "an integer", "a string", "null".
std::string with_article(std::string_view type);

}  // namespace unity::json
