// Opens a spool on any file system; the public door uses the real one.
#pragma once

#include <memory>

#include "spool/file_system.hpp"
#include "unity/db/spool.hpp"

namespace unity::db::spool {

inline constexpr const char* kLock = "spool.lock";

Result<std::unique_ptr<Spool>> open_on(FileSystem& fs, SpoolConfig config);

}  // namespace unity::db::spool
