// Transactions of a session.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "postgres/connection.hpp"

namespace unity::db::postgres {

// Rolls back when it goes out of scope, unless committed.
class Transaction {
 public:
  // `begin` is a BEGIN and what else is to be done at once.
  static Result<Transaction> begin(Connection& connection, std::string_view begin,
                                   std::string_view doing);

  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  ~Transaction();

  Result<void> commit(std::string_view doing);

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;  // null once over
};

// Begins when the first statement needs it: a batch that is a single statement needs none.
class LazyTransaction {
 public:
  explicit LazyTransaction(Connection& connection) : connection_(connection) {}

  // The session, inside the transaction.
  Result<Connection*> use(std::string_view doing);
  // The session as it is: inside if use() was called.
  Connection& connection() const { return connection_; }
  bool begun() const { return transaction_.has_value(); }
  Result<void> commit(std::string_view doing);

 private:
  Connection& connection_;
  std::optional<Transaction> transaction_;
};

}  // namespace unity::db::postgres
