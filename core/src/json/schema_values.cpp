// What JSON Schema means by "equal", "less" and "of this type".
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

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

namespace {

void append_text(std::string& out, std::string_view text) {
  fmt::format_to(std::back_inserter(out), "\"{}:", text.size());
  out += text;
}

void append_canonical_number(std::string& out, const Value& value) {
  constexpr double signed_bound = 9223372036854775808.0;     // 2^63
  constexpr double unsigned_bound = 18446744073709551616.0;  // 2^64
  const auto into = std::back_inserter(out);
  const auto* real = std::get_if<double>(&value.data());
  if (const auto* big = std::get_if<std::uint64_t>(&value.data())) {
    fmt::format_to(into, "{}", *big);
  } else if (real == nullptr ||
             (value.is_integer() && *real >= -signed_bound && *real < signed_bound)) {
    fmt::format_to(into, "{}", value.integer());
  } else if (value.is_integer() && *real > 0 && *real < unsigned_bound) {
    fmt::format_to(into, "{}", static_cast<std::uint64_t>(*real));
  } else {
    fmt::format_to(into, "{}", *real);
  }
}

void append_canonical(std::string& out, const Value& value) {
  if (value.is_number()) {
    append_canonical_number(out, value);
  } else if (const auto* text = value.string()) {
    append_text(out, *text);
  } else if (const auto* array = value.array()) {
    out += '[';
    for (const auto& element : *array) {
      append_canonical(out, element);
      out += ',';
    }
    out += ']';
  } else if (const auto* object = value.object()) {
    std::vector<const Member*> members;
    for (const auto& member : *object) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const Member* one, const Member* other) { return one->first < other->first; });
    out += '{';
    for (const auto* member : members) {
      append_text(out, member->first);
      append_canonical(out, member->second);
      out += ',';
    }
    out += '}';
  } else {
    out += dump(value);  // null, true, false
  }
}

}  // namespace

std::string canonical(const Value& value) {
  std::string out;
  append_canonical(out, value);
  return out;
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
