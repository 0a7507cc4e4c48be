// The host's audit in a PostgreSQL database.
#pragma once

#include "postgres/copy_data.hpp"
#include "postgres/partitions.hpp"
#include "postgres/session_pool.hpp"
#include "unity/core/ports/audit.hpp"

namespace unity::db::postgres {

class PostgresAudit : public Audit {
 public:
  explicit PostgresAudit(SessionPool& pool) : pool_(pool) {}

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
  // One transaction: by COPY into a temporary table, from there what is not known yet.
  template <class Row>
  Result<void> attempt(Connection& connection, std::span<const Row> rows, Partitions& partitions);

  // Into staged_.
  Result<void> stage(Connection& connection, std::span<const CollectionAudit> rows);
  Result<void> stage(Connection& connection, std::span<const ServicePerformance> rows);

  SessionPool& pool_;
  Partitions collection_partitions_{"data_collection_audit"};
  Partitions performance_partitions_{"service_performance_metrics"};
  CopyData staged_;  // a buffer
};

}  // namespace unity::db::postgres
