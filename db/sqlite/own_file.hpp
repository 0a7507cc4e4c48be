// An SQLite file of the host's own, beside its databases: made when it is missing, and set aside
// when it is damaged or turns out to be something else's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "sqlite/connection.hpp"

namespace unity::db {

struct OwnFileKind {
  std::string_view opening;  // completes "cannot … <path>"
  std::int64_t application;  // tells whose file it is; `tables` sets it
  std::int64_t version;      // of the tables; `tables` sets it
  const char* tables;
};

// Begins a file if there is none. Errc::refused if it is damaged, something else's, or made by a
// newer version, which `newer` tells.
Result<Connection> open_own_file(const std::filesystem::path& path, const OwnFileKind& kind,
                                 bool& newer);
// Never begins one.
Result<Connection> open_existing_own_file(const std::filesystem::path& path,
                                          const OwnFileKind& kind);

// Moves the file, with what belongs to it, to "<path>.damaged", where one that was there is
// replaced. Connections to it may be open: they go on with the file that they have.
Result<std::filesystem::path> set_own_file_aside(const std::filesystem::path& path);

}  // namespace unity::db
