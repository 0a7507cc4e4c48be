// The host's audit in an SQLite file.
#pragma once

#include "sqlite/connection.hpp"
#include "unity/core/ports/audit.hpp"

namespace unity::db {

class SqliteAudit : public Audit {
 public:
  static Result<SqliteAudit> open(Connection& connection);

  Result<void> write(std::span<const CollectionAudit> rows) override;
  Result<void> write(std::span<const ServicePerformance> rows) override;
  Result<std::vector<CollectionAudit>> collections(Time from, Time to, std::size_t limit) override;
  Result<std::vector<ServicePerformance>> performance(Time from, Time to,
                                                      std::size_t limit) override;

 private:
  struct Statements {
    Statement find_device, add_device, put_collection, put_performance;
  };

  SqliteAudit(Connection& connection, Statements statements)
      : connection_(connection), statements_(std::move(statements)) {}

  // 0 for the host itself; adds a device that is not known.
  Result<std::int64_t> device_id(const std::string& hostname);

  Connection& connection_;
  Statements statements_;
};

}  // namespace unity::db
