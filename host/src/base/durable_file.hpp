// Small files of the host's own that must be whole after a crash: the old text or the new one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"

namespace unity::host {

// Replaces the file, and returns when that will survive a power cut.
Result<void> replace_file(const std::filesystem::path& path, std::string_view text);

// Nothing if there is no such file. Errc::unavailable if it cannot be read.
Result<std::optional<std::string>> read_if_present(const std::filesystem::path& path);

}  // namespace unity::host
