// SHA-256 of bytes in memory: identity of plugin files, tag sets and migrations.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace unity {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
std::string to_hex(const Sha256& hash);

}  // namespace unity
