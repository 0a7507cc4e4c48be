// NULL rather than an empty text.
#pragma once

#include <optional>
#include <string_view>

namespace unity::db {

inline std::optional<std::string_view> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace unity::db
