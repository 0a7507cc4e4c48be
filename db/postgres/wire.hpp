// Values as PostgreSQL sends them in binary: big-endian, times counted from the year 2000.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "unity/core/base/time.hpp"

namespace unity::db::postgres {

template <class Integer>
Integer swap_bytes(Integer value) {
  if constexpr (std::endian::native == std::endian::big || sizeof(Integer) == 1) {
    return value;
  } else if constexpr (sizeof(Integer) == 2) {
    return static_cast<Integer>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  } else if constexpr (sizeof(Integer) == 4) {
    return static_cast<Integer>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  } else {
    return static_cast<Integer>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  }
}

template <class Integer>
void append_big(std::string& out, Integer value) {
  const auto swapped = swap_bytes(value);
  out.append(reinterpret_cast<const char*>(&swapped), sizeof swapped);
}

// Returns the place after it.
template <class Integer>
char* put_big(char* at, Integer value) {
  const auto swapped = swap_bytes(value);
  std::memcpy(at, &swapped, sizeof swapped);
  return at + sizeof swapped;
}

template <class Integer>
Integer read_big(const char* bytes) {
  Integer value;
  std::memcpy(&value, bytes, sizeof value);
  return swap_bytes(value);
}

inline constexpr std::int64_t kMicrosTo2000 = 946'684'800'000'000;

inline std::int64_t wire_time(Time time) { return time.time_since_epoch().count() - kMicrosTo2000; }
inline Time time_of(std::int64_t wire) {
  return Time(std::chrono::microseconds(wire + kMicrosTo2000));
}

}  // namespace unity::db::postgres
