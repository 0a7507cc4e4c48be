// The host's audit in a MariaDB database.
#pragma once

#include "mariadb/partitions.hpp"
#include "mariadb/session_pool.hpp"
#include "unity/core/ports/audit.hpp"

namespace unity::db::mariadb {

class MariadbAudit : public Audit {
 public:
  explicit MariadbAudit(SessionPool& pool) : pool_(pool) {}

  // Makes the partitions that are needed first.
  Result<void> prepare();
  Result<void> write(std::span<const CollectionAudit> rows) override;
  Result<void> write(std::span<const ServicePerformance> rows) override;
  Result<std::vector<CollectionAudit>> collections(Time from, Time to, std::size_t limit) override;
  Result<std::vector<ServicePerformance>> performance(Time from, Time to,
                                                      std::size_t limit) override;

 private:
  // Tries again what a new session, or a look at the partitions, may mend.
  template <class Row>
  Result<void> write_rows(std::span<const Row> rows, Partitions& partitions);
  // One transaction.
  template <class Row>
  Result<void> attempt(Connection& connection, std::span<const Row> rows, Partitions& partitions);
  Result<void> insert(Connection& connection, std::span<const CollectionAudit> rows);
  Result<void> insert(Connection& connection, std::span<const ServicePerformance> rows);

  SessionPool& pool_;
  Partitions collection_partitions_{"data_collection_audit"};
  Partitions performance_partitions_{"service_performance_metrics"};
};

}  // namespace unity::db::mariadb
