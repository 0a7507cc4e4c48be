// Which texts every database can hold: adapters refuse the others before they reach a server that
// would fail the whole batch because of one.
#pragma once

#include <cstddef>
#include <string_view>

namespace unity::db {

// The longest names that the tables take, in characters (migrations/0001 and 0002).
inline constexpr std::size_t kDeviceLength = 255;
inline constexpr std::size_t kPluginLength = 100;
inline constexpr std::size_t kInstanceLength = 200;
inline constexpr std::size_t kMetricLength = 200;
inline constexpr std::size_t kFieldLength = 200;
inline constexpr std::size_t kUnitLength = 32;

// Valid UTF-8 without NUL, which PostgreSQL cannot hold.
bool is_text(std::string_view text);
// Not empty, valid UTF-8 without NUL, at most `length` characters.
bool is_name(std::string_view text, std::size_t length);

}  // namespace unity::db
