// Reads the answer of a host that may be of another version: what is missing is empty or zero.
#pragma once

#include <string>
#include <string_view>

#include "unity/core/base/time.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {

using json::text_of;

inline const json::Value& member(const json::Value& object, std::string_view name) {
  static const json::Value nothing;
  const auto* found = object.find(name);
  return found != nullptr ? *found : nothing;
}

inline const json::Array& list_of(const json::Value& object, std::string_view name) {
  static const json::Array nothing;
  const auto* array = member(object, name).array();
  return array != nullptr ? *array : nothing;
}

inline const json::Object& members_of(const json::Value& object, std::string_view name) {
  static const json::Object nothing;
  const auto* found = member(object, name).object();
  return found != nullptr ? *found : nothing;
}

inline double number_of(const json::Value& object, std::string_view name) {
  return member(object, name).number();
}

inline std::uint64_t count_of(const json::Value& object, std::string_view name) {
  const auto number = number_of(object, name);
  return number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

inline bool flag_of(const json::Value& object, std::string_view name, bool otherwise) {
  const auto* flag = member(object, name).boolean();
  return flag != nullptr ? *flag : otherwise;
}

// From the answer's own time until the one that `name` is; negative if it has passed.
inline std::optional<Duration> until(const json::Value& status, const json::Value& object,
                                     std::string_view name) {
  const auto now = parse_rfc3339(text_of(status, "time"));
  const auto then = parse_rfc3339(text_of(object, name));
  return now && then ? std::optional<Duration>(*then - *now) : std::nullopt;
}

}  // namespace unity::host
