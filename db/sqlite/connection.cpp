#include "sqlite/connection.hpp"

#include "sqlite/error.hpp"

namespace unity::db {
namespace {

int open_flags(OpenMode mode) {
  constexpr int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
    case OpenMode::read_only:
      return common | SQLITE_OPEN_READONLY;
    case OpenMode::read_write:
      return common | SQLITE_OPEN_READWRITE;
    case OpenMode::create:
      return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return common;
}

// Short waits only: the host's writer keeps what it could not write and comes back, and a stop of
// the host must not wait for us.
constexpr int kBusyTimeoutMs = 1000;
// Starters wait for each other while one of them makes the tables.
constexpr int kCreateTimeoutMs = 10000;

}  // namespace

Result<Connection> Connection::open(const std::filesystem::path& path, OpenMode mode) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, open_flags(mode), nullptr);
  Connection connection(handle, path.string());  // to be closed even if opening failed
  if (code != SQLITE_OK) return sqlite_error(handle, code, "open", connection.path_);
  if (auto done = connection.configure(mode); !done) return std::move(done).error();
  return connection;
}

Result<void> Connection::configure(OpenMode mode) {
  sqlite3_busy_timeout(handle_.get(), mode == OpenMode::create ? kCreateTimeoutMs : kBusyTimeoutMs);
  // 1 MiB of pages: frames are appended, so hardly any page is needed twice.
  if (auto done = execute("PRAGMA cache_size = -1024; PRAGMA foreign_keys = ON", "open"); !done) {
    return done;
  }
  if (mode == OpenMode::read_only) return {};
  if (mode == OpenMode::create) {
    // Only possible while the file is empty; lets retention give pages back later.
    if (auto done = execute("PRAGMA auto_vacuum = INCREMENTAL", "open"); !done) return done;
  }
  // FULL: what was acknowledged survives a power cut.
  return execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 8388608",
      "open");
}

Result<void> Connection::execute(const char* sql, std::string_view doing) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(handle_.get(), code, doing, path_);
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql, std::string_view doing) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_error(handle_.get(), code, doing, path_);
  return Statement(statement);
}

Result<void> Connection::run(Statement& statement, std::string_view doing) {
  auto stepped = next(statement, doing);
  if (!stepped) return std::move(stepped).error();
  statement.reset();
  return {};
}

Result<bool> Connection::next(Statement& statement, std::string_view doing) {
  const int code = statement.step();
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    statement.reset();
    return false;
  }
  auto error = sqlite_error(handle_.get(), code, doing, path_);
  statement.reset();
  return error;
}

bool Connection::has_moved() const {
  int moved = 0;
  sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

Result<Transaction> Transaction::begin(Connection& connection, Kind kind, std::string_view doing) {
  auto begun = connection.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN", doing);
  if (!begun) return std::move(begun).error();
  return Transaction(connection);
}

Transaction::~Transaction() {
  // A full disk and the like roll back by themselves.
  if (connection_ == nullptr || !connection_->in_transaction()) return;
  // Nothing is left to be done about a rollback that fails: the next write reports it.
  (void)connection_->execute("ROLLBACK", "roll back");
}

Result<void> Transaction::commit(std::string_view doing) {
  return connection_->execute("COMMIT", doing);
}

}  // namespace unity::db
