// Small files that must be whole after a crash.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"

namespace unity::host {

// Replaces the file at once and for good: whoever reads it sees the old text or the new, also
// after the power went. Errc::unavailable with the file and the reason.
Result<void> write_durably(const std::filesystem::path& file, std::string_view text);

// Nothing if there is no such file. Errc::unavailable if it cannot be read.
Result<std::optional<std::string>> read_if_there(const std::filesystem::path& file);

}  // namespace unity::host
