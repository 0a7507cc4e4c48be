// How much of a table in parts may stay under a cap of its size.
#pragma once

#include <cstdint>

namespace unity::db {

// The newest of `parts`, which are in order of time and know their bytes, that no longer fits into
// `bytes_max` with all that are newer. nullptr: they all fit.
template <class Parts>
auto newest_too_much(const Parts& parts, std::uint64_t bytes_max) -> const
    typename Parts::value_type* {
  std::uint64_t bytes = 0;
  for (auto one = parts.rbegin(); one != parts.rend(); ++one) {
    bytes += static_cast<std::uint64_t>(one->bytes);
    if (bytes > bytes_max) return &*one;
  }
  return nullptr;
}

}  // namespace unity::db
