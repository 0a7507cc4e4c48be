#include "sqlite/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace unity::db {
namespace {

struct Reason {
  Errc code;
  std::string text;
};

Reason disk_full() {
  return {Errc::unavailable, "the disk is full; it will work again when there is room"};
}

Reason explain(sqlite3* connection, int code) {
  const int system = connection != nullptr ? sqlite3_system_errno(connection) : 0;
  const auto system_text = [system](const char* otherwise) {
    return std::string(system != 0 ? std::strerror(system) : otherwise);
  };
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Errc::unavailable, "another process is holding its lock"};
    case SQLITE_FULL:
      return disk_full();
    case SQLITE_IOERR:
      if (system == ENOSPC || system == EDQUOT) return disk_full();
      return {Errc::unavailable, "reading or writing failed: " + system_text("input/output error")};
    case SQLITE_CANTOPEN:
      return {Errc::unavailable, "the file cannot be opened: " + system_text("unknown reason")};
    case SQLITE_READONLY:
      return {Errc::unavailable, "the file or its folder cannot be written to"};
    case SQLITE_NOMEM:
      return {Errc::unavailable, "out of memory"};
    case SQLITE_NOTADB:
      return {Errc::refused, "the file is not an SQLite database"};
    case SQLITE_CORRUPT:
      return {Errc::refused, "the database is damaged; restore a backup"};
    case SQLITE_CONSTRAINT:
      return {Errc::invalid, sqlite3_errmsg(connection)};
    default:
      return {Errc::internal,
              connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code)};
  }
}

}  // namespace

Error sqlite_error(sqlite3* connection, int code, std::string_view doing, std::string_view path) {
  auto reason = explain(connection, code);
  return {reason.code, fmt::format("cannot {} {}: {}", doing, path, reason.text)};
}

}  // namespace unity::db
