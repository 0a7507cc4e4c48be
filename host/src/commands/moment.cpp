#include "commands/moment.hpp"

#include <chrono>

namespace unity::host {

std::optional<Time> parse_moment(const std::string& text, Time now) {
  if (text == "now") return now;
  if (text.starts_with('-')) {
    const auto ago = parse_duration(text.substr(1));
    if (!ago) return std::nullopt;
    return now - std::chrono::floor<std::chrono::microseconds>(*ago);
  }
  return parse_rfc3339(text);
}

}  // namespace unity::host
