// An open SQLite file, with the settings that the host's durability and memory goals ask for.
// One thread at a time.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "sqlite/statement.hpp"
#include "unity/core/base/result.hpp"

namespace unity::db {

enum class OpenMode { read_only, read_write, create };

class Connection {
 public:
  static Result<Connection> open(const std::filesystem::path& path, OpenMode mode);

  // `doing` completes "cannot … <path>" in the message of a failure.
  Result<void> execute(const char* sql, std::string_view doing);
  Result<Statement> prepare(std::string_view sql, std::string_view doing);
  // Steps a statement that returns no rows, and resets it.
  Result<void> run(Statement& statement, std::string_view doing);
  // Steps to the next row: false if there is none, and then the statement is reset.
  Result<bool> next(Statement& statement, std::string_view doing);

  std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  // Rows that the last statement wrote or removed.
  std::int64_t changes() const { return sqlite3_changes64(handle_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  // Whether the open file no longer is the one at path().
  bool has_moved() const;
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  Connection(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  Result<void> configure(OpenMode mode);

  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

// Rolls back when it goes out of scope, unless committed.
class Transaction {
 public:
  enum class Kind { read, write };
  static Result<Transaction> begin(Connection& connection, Kind kind, std::string_view doing);

  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  ~Transaction();

  Result<void> commit(std::string_view doing);

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}

  Connection* connection_;  // null once moved from
};

}  // namespace unity::db
