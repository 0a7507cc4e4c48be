// The collectors that an operator paused, kept in the state folder: a pause outlives the host.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "unity/core/base/result.hpp"

namespace unity::host {

// Empty if there is no such file.
Result<std::set<std::string>> read_paused(const std::filesystem::path& state_dir);
Result<void> write_paused(const std::filesystem::path& state_dir, const std::set<std::string>& ids);

}  // namespace unity::host
