// Reads files that an operator named.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "unity/core/base/result.hpp"

namespace unity::host {

// The whole file. The message of an error says why, but not which file.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t size_max);

// The *.yaml and *.yml of a folder in the order of their names, hidden ones left out. Empty if
// there is no such folder.
Result<std::vector<std::filesystem::path>> list_yaml(const std::filesystem::path& folder);

}  // namespace unity::host
