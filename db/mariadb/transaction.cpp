#include "mariadb/transaction.hpp"

namespace unity::db::mariadb {

Result<Transaction> Transaction::begin(Connection& connection, std::string_view doing) {
  if (auto begun = connection.execute("START TRANSACTION", doing); !begun) {
    return std::move(begun).error();
  }
  return Transaction(connection);
}

Result<Transaction> Transaction::begin_snapshot(Connection& connection, std::string_view doing) {
  for (const auto* sql : {"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                          "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"}) {
    if (auto begun = connection.execute(sql, doing); !begun) return std::move(begun).error();
  }
  return Transaction(connection);
}

Transaction::~Transaction() {
  if (connection_ == nullptr || connection_->is_lost()) return;
  // If this fails the session is over, or not idle and therefore not used again.
  (void)connection_->execute("ROLLBACK", "roll back in");
}

Result<void> Transaction::commit(std::string_view doing) {
  return std::exchange(connection_, nullptr)->execute("COMMIT", doing);
}

}  // namespace unity::db::mariadb
