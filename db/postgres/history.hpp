// The table schema_migrations of a PostgreSQL database.
#pragma once

#include "migrate/history.hpp"
#include "postgres/connection.hpp"

namespace unity::db::postgres {

class PostgresHistory final : public History {
 public:
  explicit PostgresHistory(Connection& connection) : connection_(connection) {}

  Dialect dialect() const override { return Dialect::postgresql; }
  std::string place() const override { return connection_.place(); }
  Result<std::optional<std::vector<AppliedMigration>>> read() override;
  Result<void> execute(const std::string& statement, std::string_view doing) override;
  Result<void> add(const HistoryRow& row, std::string_view doing) override;

 private:
  Connection& connection_;
};

}  // namespace unity::db::postgres
