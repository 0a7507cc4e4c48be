// CRC-32C (Castagnoli): finds damage in what was written to disk.
#pragma once

#include <cstdint>
#include <string_view>

namespace unity {

// `before` is the result for the bytes before these, so that pieces give what the whole would.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

// The same without the processor's own instruction, which crc32c() uses where there is one.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0);

}  // namespace unity
