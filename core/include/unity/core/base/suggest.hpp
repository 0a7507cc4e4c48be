// "Did you mean": the nearest valid name for a mistyped one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace unity {

// The candidate with the fewest edits to `word`, if few enough to be a likely typing mistake.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace unity
