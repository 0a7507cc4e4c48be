// What an export needs of an SQLite file beside its rows.
#pragma once

#include <filesystem>
#include <string>

#include "unity/core/base/result.hpp"

namespace unity::db {

// Puts the manifest in when all rows are there, and leaves one file without a log beside it.
Result<void> close_export_file(const std::filesystem::path& path, const std::string& manifest);
// The manifest that was put in. Errc::refused if there is none, or SQLite finds the file damaged.
Result<std::string> check_export_file(const std::filesystem::path& path);

}  // namespace unity::db
