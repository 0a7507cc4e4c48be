#include "sqlite/create.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>

namespace unity::db {

Result<bool> create_sqlite_database(const DatabaseConfig& config) {
  std::error_code error;
  if (std::filesystem::exists(config.path, error)) return false;
  if (config.path.has_parent_path()) {
    std::filesystem::create_directories(config.path.parent_path(), error);
    if (error) {
      return Error{Errc::unavailable,
                   fmt::format("cannot create the folder {}: {}",
                               config.path.parent_path().string(), error.message())};
    }
  }
  return true;
}

Result<Scratch> make_sqlite_scratch(const DatabaseConfig&) {
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  auto folder = (temporary / "unity-test-XXXXXX").string();
  if (error || ::mkdtemp(folder.data()) == nullptr) {
    return Error{Errc::unavailable,
                 fmt::format("cannot make a folder for a scratch file: {}; does TMPDIR name one?",
                             error ? error.message() : std::strerror(errno))};
  }
  DatabaseConfig scratch{"sqlite", std::filesystem::path(folder) / "unity.db"};
  auto name = scratch.path.string();
  return Scratch(std::move(scratch), std::move(name), [folder]() -> Result<void> {
    std::error_code failed;
    std::filesystem::remove_all(folder, failed);
    if (!failed) return {};
    return Error{Errc::unavailable, fmt::format("cannot remove {}: {}", folder, failed.message())};
  });
}

}  // namespace unity::db
