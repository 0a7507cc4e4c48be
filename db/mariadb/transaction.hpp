// A transaction of a session. Whatever changes the schema inside of it commits it.
#pragma once

#include <utility>

#include "mariadb/connection.hpp"

namespace unity::db::mariadb {

// Rolls back when it goes out of scope, unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection, std::string_view doing);
  // For reading: everything in it sees the same state of the database.
  static Result<Transaction> begin_snapshot(Connection& connection, std::string_view doing);

  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  ~Transaction();

  Result<void> commit(std::string_view doing);

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;  // null once over
};

}  // namespace unity::db::mariadb
