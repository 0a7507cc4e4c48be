// Copies what a plugin lends for the time of a call. The kernel does the copying, so that a pointer
// that leads nowhere is a finding instead of a crash.
#pragma once

#include <optional>
#include <string>

#include "check/hostile/world.hpp"
#include "unity/plugin.h"

namespace unity::check {

inline constexpr std::size_t kTextMax = std::size_t{64} << 10;

// Nothing if it is longer than `most` (a limit and no breach) or cannot be read (a breach). `text`:
// it must be UTF-8.
std::optional<std::string> read_lent(unity_str lent, std::size_t most, bool text,
                                     const std::string& what);

// Text that goes on to people and databases: no secret may be in it.
std::optional<std::string> read_shown(unity_str lent, std::size_t most, const std::string& what);

// The structs of parameters; what is not UNITY_OK is the answer to the plugin.
unity_status read_batch(const unity_batch* lent, const std::string& who, Batch& out);
unity_status read_error(const unity_error* lent, unity_error& out);

}  // namespace unity::check
