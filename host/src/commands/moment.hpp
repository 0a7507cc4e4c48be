// Times as the options of commands give them.
#pragma once

#include <optional>
#include <string>

#include "base/wall_clock.hpp"
#include "unity/core/base/time.hpp"

namespace unity::host {

// RFC 3339, "now", or so long ago: "-1h".
std::optional<Time> parse_moment(const std::string& text, Time now = wall_now());

}  // namespace unity::host
