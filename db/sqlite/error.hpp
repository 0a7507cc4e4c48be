// SQLite's result codes in our words.
#pragma once

#include <sqlite3.h>

#include <string_view>

#include "unity/core/base/result.hpp"

namespace unity::db {

// "cannot <doing> <path>: <why>". `code` is an extended result code that `connection` (may be
// null) has just returned.
Error sqlite_error(sqlite3* connection, int code, std::string_view doing, std::string_view path);

}  // namespace unity::db
