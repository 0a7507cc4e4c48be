// The table schema_migrations of an SQLite file.
#pragma once

#include "migrate/history.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

class SqliteHistory final : public History {
 public:
  explicit SqliteHistory(Connection& connection) : connection_(connection) {}

  Dialect dialect() const override { return Dialect::sqlite; }
  std::string place() const override { return connection_.path(); }
  Result<std::optional<std::vector<AppliedMigration>>> read() override;
  Result<void> execute(const std::string& statement, std::string_view doing) override;
  Result<void> add(const HistoryRow& row, std::string_view doing) override;

 private:
  Connection& connection_;
};

}  // namespace unity::db
