// How long the structs that a plugin hands over were in ABI 1.0. A plugin that was built then is as
// good as any: whatever the header has appended since, no more may be asked of it.
#pragma once

#include <cstdint>

#include "unity/plugin.h"

namespace unity::host {

template <class Struct>
inline constexpr std::uint32_t kFirstSize = 0;  // not one that a plugin hands over
template <>
inline constexpr std::uint32_t kFirstSize<unity_batch> = 64;
template <>
inline constexpr std::uint32_t kFirstSize<unity_error> = 56;
template <>
inline constexpr std::uint32_t kFirstSize<unity_collector> = 80;
template <>
inline constexpr std::uint32_t kFirstSize<unity_plugin> = 40;

}  // namespace unity::host
