// Reads /proc/net/dev: what went through the network interfaces.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "support/text.hpp"

namespace unity::plugins {

struct Traffic {
  std::uint64_t bytes = 0;
  std::uint64_t packets = 0;
  std::uint64_t errors = 0;
  std::uint64_t dropped = 0;
};

struct Interface {
  std::string_view name;  // points into the text
  Traffic received;
  std::uint64_t multicast = 0;
  Traffic sent;
  std::uint64_t collisions = 0;
};

// Overwrites `out`, whose memory is reused. Throws ReadError.
void parse_interfaces(const Text& text, std::vector<Interface>& out);

}  // namespace unity::plugins
