// The bounds of what crosses the ABI, in bytes.
#pragma once

#include <cstddef>

namespace unity::host {

inline constexpr std::size_t kBatchSizeMax = std::size_t{16} << 20;
inline constexpr std::size_t kRunSizeMax = std::size_t{64} << 20;  // all batches of a run
inline constexpr std::size_t kCheckpointSizeMax = std::size_t{64} << 10;
inline constexpr std::size_t kStateValueMax = std::size_t{256} << 10;
inline constexpr std::size_t kKeyMax = 256;  // of state, and names of secrets and datasets
inline constexpr std::size_t kLogLineMax = std::size_t{16} << 10;
inline constexpr std::size_t kErrorTextMax = std::size_t{4} << 10;
inline constexpr std::size_t kDeniedMax = 16;  // sentences with one result

}  // namespace unity::host
