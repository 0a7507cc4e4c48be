#include "postgres/transaction.hpp"

namespace unity::db::postgres {

Result<Transaction> Transaction::begin(Connection& connection, std::string_view begin,
                                       std::string_view doing) {
  if (auto begun = connection.execute(std::string(begin), doing); !begun) {
    return std::move(begun).error();
  }
  return Transaction(connection);
}

Transaction::~Transaction() {
  // If this fails the session is over, or not idle and therefore not used again.
  if (connection_ != nullptr) (void)connection_->execute("ROLLBACK", "roll back in");
}

Result<void> Transaction::commit(std::string_view doing) {
  return std::exchange(connection_, nullptr)->execute("COMMIT", doing);
}

Result<Connection*> LazyTransaction::use(std::string_view doing) {
  if (!transaction_) {
    auto begun = Transaction::begin(connection_, "BEGIN", doing);
    if (!begun) return std::move(begun).error();
    transaction_.emplace(std::move(*begun));
  }
  return &connection_;
}

Result<void> LazyTransaction::commit(std::string_view doing) {
  return transaction_ ? transaction_->commit(doing) : Result<void>();
}

}  // namespace unity::db::postgres
