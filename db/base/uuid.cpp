#include "base/uuid.hpp"

#include <cstdint>
#include <random>

namespace unity::db {

std::string make_uuid(Time time) {
  std::random_device random;
  std::string bytes(16, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(random());
  auto millis = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count());
  for (int i = 5; i >= 0; --i, millis >>= 8) {
    bytes[static_cast<std::size_t>(i)] = static_cast<char>(millis & 0xff);
  }
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x70);  // version 7
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562
  return bytes;
}

}  // namespace unity::db
