// The reason for Collector::kill() that blames nobody.
#pragma once

#include <string_view>

namespace unity::host {

inline constexpr std::string_view kHostEnds = "the host ends";

}  // namespace unity::host
