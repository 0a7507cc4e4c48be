// Counts the starts of a host on its state folder, so that no id of a run is ever given out twice.
#pragma once

#include <cstdint>
#include <filesystem>

#include "unity/core/base/result.hpp"

namespace unity::host {

// One more than the last start on this folder; durable before it is returned. The caller holds
// the lock on the folder. Errors: the file holds no number, or cannot be written.
Result<std::uint32_t> count_boot(const std::filesystem::path& state_dir);

// The first id for the runs of this start: the upper 24 bits are the start, the lower 40 count.
inline std::uint64_t first_run_id(std::uint32_t boot) { return std::uint64_t{boot} << 40 | 1; }

}  // namespace unity::host
