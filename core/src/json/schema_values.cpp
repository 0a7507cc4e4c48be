// What JSON Schema means by "equal", "less" and "of this type".
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "schema_check.hpp"

namespace unity::json {

std::string child_pointer(std::string_view parent, std::string_view name) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::partial_ordering compare_numbers(const Value& one, const Value& other) {
  const auto* small = std::get_if<std::int64_t>(&one.data());
  const auto* small_other = std::get_if<std::int64_t>(&other.data());
  const auto* big = std::get_if<std::uint64_t>(&one.data());
  const auto* big_other = std::get_if<std::uint64_t>(&other.data());
  const auto exact = [](auto left, auto right) -> std::partial_ordering {
    if (std::cmp_less(left, right)) return std::partial_ordering::less;
    if (std::cmp_greater(left, right)) return std::partial_ordering::greater;
    return std::partial_ordering::equivalent;
  };
  if (small != nullptr && small_other != nullptr) return exact(*small, *small_other);
  if (small != nullptr && big_other != nullptr) return exact(*small, *big_other);
  if (big != nullptr && small_other != nullptr) return exact(*big, *small_other);
  if (big != nullptr && big_other != nullptr) return exact(*big, *big_other);
  return one.number() <=> other.number();
}

bool same_value(const Value& one, const Value& other) {
  if (one.is_number() && other.is_number()) {
    return compare_numbers(one, other) == std::partial_ordering::equivalent;
  }
  if (const auto* array = one.array()) {
    const auto* elements = other.array();
    return elements != nullptr &&
           std::equal(array->begin(), array->end(), elements->begin(), elements->end(), same_value);
  }
  if (const auto* object = one.object()) {
    const auto* members = other.object();
    return members != nullptr && object->size() == members->size() &&
           std::all_of(object->begin(), object->end(), [&](const Member& member) {
             const auto* match = other.find(member.first);
             return match != nullptr && same_value(member.second, *match);
           });
  }
  return one == other;
}

bool is_type(const Value& value, std::string_view type) {
  if (type == "integer") return value.is_integer();
  if (type == "number") return value.is_number();
  return value.type_name() == type;
}

std::string with_article(std::string_view type) {
  if (type == "null") return "null";
  const bool vowel = type.starts_with('a') || type.starts_with('i') || type.starts_with('o');
  return fmt::format("{} {}", vowel ? "an" : "a", type);
}

}  // namespace unity::json
