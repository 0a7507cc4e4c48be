#include "mariadb/audit.hpp"

#include <algorithm>
#include <limits>

#include "audit/audit_columns.hpp"
#include "base/day.hpp"
#include "base/now.hpp"
#include "base/row_values.hpp"
#include "mariadb/error.hpp"
#include "mariadb/source_tables.hpp"
#include "mariadb/transaction.hpp"
#include "pool/in_session.hpp"

namespace unity::db::mariadb {
namespace {

constexpr std::string_view kWriting = "write the audit to";
constexpr std::string_view kReading = "read the audit in";

// A row that is there stays as it is; every other failure is one, which INSERT IGNORE would hide.
constexpr const char* kInsertCollections =
    "INSERT INTO data_collection_audit (device_id, " UNITY_COLLECTION_COLUMNS
    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE device_id = device_id";
constexpr const char* kInsertPerformance =
    "INSERT INTO service_performance_metrics (" UNITY_PERFORMANCE_COLUMNS
    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE instance_id = instance_id";

// NULLs come first.
constexpr const char* kCollections =
    "SELECT d.hostname, " UNITY_COLLECTION_COLUMNS
    " FROM data_collection_audit a LEFT JOIN devices d ON d.device_id = a.device_id "
    "WHERE a.time >= ? AND a.time < ? ORDER BY a.time, d.hostname, operation_id LIMIT ?";
constexpr const char* kPerformance =
    "SELECT " UNITY_PERFORMANCE_COLUMNS
    " FROM service_performance_metrics WHERE time >= ? AND time < ? "
    "ORDER BY time, instance_id, service_name LIMIT ?";

using Values = RowValues<RowOf<Rows>>;

template <class Row>
Result<Time> last_of(std::span<const Row> rows) {
  auto last = Time::min();
  for (const auto& row : rows) {
    if (!is_storable(row.time)) {
      return Error{Errc::invalid,
                   "cannot write the audit: a row's time is outside of the years 1 to 9999"};
    }
    last = std::max(last, row.time);
  }
  return last;
}

template <class Row>
Result<std::vector<Row>> read_rows(SessionPool& pool, const char* sql, Time from, Time to,
                                   std::size_t limit, Row (*read)(Values)) {
  auto connection = pool.take("a reader");
  if (!connection) return std::move(connection).error();
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  const auto count = static_cast<std::int64_t>(std::min(limit, most));
  auto rows = (*connection)->query(sql, Parameters(from, to, count), kReading);
  if (!rows) return std::move(rows).error();
  return read_all(*rows, read);
}

}  // namespace

Result<void> MariadbAudit::prepare() {
  auto connection = pool_.take("the audit");
  if (!connection) return std::move(connection).error();
  for (auto* partitions : {&collection_partitions_, &performance_partitions_}) {
    if (auto made = partitions->ensure(**connection, Time::min(), now()); !made) return made;
  }
  return {};
}

Result<void> MariadbAudit::write(std::span<const CollectionAudit> rows) {
  return write_rows(rows, collection_partitions_);
}

Result<void> MariadbAudit::write(std::span<const ServicePerformance> rows) {
  return write_rows(rows, performance_partitions_);
}

Result<std::vector<CollectionAudit>> MariadbAudit::collections(Time from, Time to,
                                                               std::size_t limit) {
  return read_rows(pool_, kCollections, from, to, limit, read_collection<Values>);
}

Result<std::vector<ServicePerformance>> MariadbAudit::performance(Time from, Time to,
                                                                  std::size_t limit) {
  return read_rows(pool_, kPerformance, from, to, limit, read_performance<Values>);
}

template <class Row>
Result<void> MariadbAudit::write_rows(std::span<const Row> rows, Partitions& partitions) {
  if (rows.empty()) return {};
  return in_session(pool_, "the audit", [&](Connection& connection) {
    connection.forget_failure();
    auto written = attempt(connection, rows, partitions);
    if (written || connection.code() != code::kNoPartition) return written;
    partitions.forget();  // somebody has removed one
    return attempt(connection, rows, partitions);
  });
}

template <class Row>
Result<void> MariadbAudit::attempt(Connection& connection, std::span<const Row> rows,
                                   Partitions& partitions) {
  const auto last = last_of(rows);
  if (!last) return last.error();
  if (auto ensured = partitions.ensure(connection, *last, now()); !ensured) return ensured;
  auto transaction = Transaction::begin(connection, kWriting);
  if (!transaction) return std::move(transaction).error();
  if (auto inserted = insert(connection, rows); !inserted) return inserted;
  return transaction->commit(kWriting);
}

Result<void> MariadbAudit::insert(Connection& connection, std::span<const CollectionAudit> rows) {
  std::vector<std::string> hostnames;
  for (const auto& row : rows) {
    if (!row.device.empty()) hostnames.push_back(row.device);
  }
  MariadbSourceTables tables(connection);
  Devices devices;
  if (auto learned = devices.learn(tables, std::move(hostnames)); !learned) return learned;
  BulkRows inserted;
  for (const auto& row : rows) {
    inserted.begin_row();
    add_columns(inserted, row, row.device.empty() ? 0 : devices.id(row.device));
  }
  return connection.bulk(kInsertCollections, inserted, kWriting);
}

Result<void> MariadbAudit::insert(Connection& connection,
                                  std::span<const ServicePerformance> rows) {
  BulkRows inserted;
  for (const auto& row : rows) {
    inserted.begin_row();
    add_columns(inserted, row);
  }
  return connection.bulk(kInsertPerformance, inserted, kWriting);
}

}  // namespace unity::db::mariadb
