#include "unity/core/base/crc32c.hpp"

#include <boost/crc.hpp>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace unity {
namespace {

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view bytes,
                                                             std::uint32_t before) {
  std::uint64_t crc = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  auto rest = static_cast<std::uint32_t>(crc);
  for (; left > 0; --left, ++at) rest = _mm_crc32_u8(rest, static_cast<std::uint8_t>(*at));
  return ~rest;
}

bool has_instruction() { return __builtin_cpu_supports("sse4.2") != 0; }

#else

std::uint32_t crc32c_sse42(std::string_view bytes, std::uint32_t before) {
  return crc32c_portable(bytes, before);
}
bool has_instruction() { return false; }

#endif

// The polynomial's bits in reverse, as the reflected form has them.
std::uint32_t reflect(std::uint32_t value) {
  std::uint32_t reflected = 0;
  for (int bit = 0; bit < 32; ++bit) {
    if ((value >> bit & 1U) != 0) reflected |= 1U << (31 - bit);
  }
  return reflected;
}

}  // namespace

std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before) {
  // Boost takes the register before its reflection.
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc(reflect(~before));
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  static const bool fast = has_instruction();
  return fast ? crc32c_sse42(bytes, before) : crc32c_portable(bytes, before);
}

}  // namespace unity
