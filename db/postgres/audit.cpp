#include "postgres/audit.hpp"

#include <algorithm>
#include <limits>

#include "audit/audit_columns.hpp"
#include "base/day.hpp"
#include "base/now.hpp"
#include "base/row_values.hpp"
#include "pool/in_session.hpp"
#include "postgres/error.hpp"
#include "postgres/source_tables.hpp"
#include "postgres/transaction.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kWriting = "write the audit to";
constexpr std::string_view kReading = "read the audit in";

// How the rows of a table are written: a temporary table, emptied at the end of each transaction,
// the COPY into it, and the statement that takes over what is not there yet.
struct Statements {
  const char* prepare;
  const char* copy;
  const char* take_over;
};

constexpr Statements statements_for(const CollectionAudit*) {
  return {
      "CREATE TEMPORARY TABLE IF NOT EXISTS staged_collections (LIKE data_collection_audit) "
      "ON COMMIT DELETE ROWS",
      "COPY staged_collections (device_id, " UNITY_COLLECTION_COLUMNS
      ") FROM STDIN (FORMAT binary)",
      "INSERT INTO data_collection_audit (device_id, " UNITY_COLLECTION_COLUMNS
      ") SELECT device_id, " UNITY_COLLECTION_COLUMNS
      " FROM staged_collections ORDER BY device_id, time, operation_id ON CONFLICT DO NOTHING"};
}

constexpr Statements statements_for(const ServicePerformance*) {
  return {
      "CREATE TEMPORARY TABLE IF NOT EXISTS staged_performance "
      "(LIKE service_performance_metrics) ON COMMIT DELETE ROWS",
      "COPY staged_performance (" UNITY_PERFORMANCE_COLUMNS ") FROM STDIN (FORMAT binary)",
      "INSERT INTO service_performance_metrics (" UNITY_PERFORMANCE_COLUMNS
      ") SELECT " UNITY_PERFORMANCE_COLUMNS
      " FROM staged_performance ORDER BY instance_id, service_name, time "
      "ON CONFLICT DO NOTHING"};
}

constexpr const char* kCollections =
    "SELECT d.hostname, " UNITY_COLLECTION_COLUMNS
    " FROM data_collection_audit a LEFT JOIN devices d ON d.device_id = a.device_id "
    "WHERE a.time >= $1 AND a.time < $2 "
    "ORDER BY a.time, d.hostname COLLATE \"C\" NULLS FIRST, operation_id LIMIT $3";
constexpr const char* kPerformance =
    "SELECT " UNITY_PERFORMANCE_COLUMNS
    " FROM service_performance_metrics WHERE time >= $1 AND time < $2 "
    "ORDER BY time, instance_id COLLATE \"C\", service_name COLLATE \"C\" LIMIT $3";

using Values = RowValues<RowOf<Rows>>;

template <class Row>
Result<std::vector<Day>> days_of(std::span<const Row> rows) {
  std::vector<Day> days;
  for (const auto& row : rows) {
    if (!is_storable(row.time)) {
      return Error{Errc::invalid,
                   "cannot write the audit: a row's time is outside of the years 1 to 9999"};
    }
    const auto day = std::chrono::floor<std::chrono::days>(row.time);
    if (days.empty() || days.back() != day) days.push_back(day);
  }
  return days;
}

template <class Row>
Result<std::vector<Row>> read_rows(SessionPool& pool, const char* sql, Time from, Time to,
                                   std::size_t limit, Row (*read)(Values)) {
  auto connection = pool.take("a reader");
  if (!connection) return std::move(connection).error();
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  // What lies outside cannot be stored, and some of it not even be asked for.
  auto rows = (*connection)
                  ->query(sql,
                          Parameters(std::clamp<Time>(from, kFirstDay, kEndDay),
                                     std::clamp<Time>(to, kFirstDay, kEndDay),
                                     static_cast<std::int64_t>(std::min(limit, most))),
                          kReading);
  if (!rows) return std::move(rows).error();
  return read_all(*rows, read);
}

}  // namespace

Result<void> PostgresAudit::prepare() {
  auto connection = pool_.take("the audit");
  if (!connection) return std::move(connection).error();
  for (auto* partitions : {&collection_partitions_, &performance_partitions_}) {
    if (auto made = partitions->ensure(**connection, {}, now()); !made) return made;
  }
  return {};
}

Result<void> PostgresAudit::write(std::span<const CollectionAudit> rows) {
  return write_rows(rows, collection_partitions_);
}

Result<void> PostgresAudit::write(std::span<const ServicePerformance> rows) {
  return write_rows(rows, performance_partitions_);
}

Result<std::vector<CollectionAudit>> PostgresAudit::collections(Time from, Time to,
                                                                std::size_t limit) {
  return read_rows(pool_, kCollections, from, to, limit, read_collection<Values>);
}

Result<std::vector<ServicePerformance>> PostgresAudit::performance(Time from, Time to,
                                                                   std::size_t limit) {
  return read_rows(pool_, kPerformance, from, to, limit, read_performance<Values>);
}

template <class Row>
Result<void> PostgresAudit::write_rows(std::span<const Row> rows, Partitions& partitions) {
  if (rows.empty()) return {};
  return in_session(pool_, "the audit", [&](Connection& connection) {
    connection.forget_failure();
    auto written = attempt(connection, rows, partitions);
    if (written || connection.sqlstate() != sqlstate::kCheckViolation) return written;
    partitions.forget();  // somebody has removed one
    return attempt(connection, rows, partitions);
  });
}

template <class Row>
Result<void> PostgresAudit::attempt(Connection& connection, std::span<const Row> rows,
                                    Partitions& partitions) {
  const auto days = days_of(rows);
  if (!days) return days.error();
  if (auto ensured = partitions.ensure(connection, *days, now()); !ensured) return ensured;
  constexpr auto statements = statements_for(static_cast<const Row*>(nullptr));
  auto transaction = Transaction::begin(connection, "BEGIN", kWriting);
  if (!transaction) return std::move(transaction).error();
  if (auto done = connection.execute(statements.prepare, kWriting); !done) return done;
  if (auto done = stage(connection, rows); !done) return done;
  if (auto done = connection.copy_in(statements.copy, staged_.finish(), kWriting); !done) {
    return done;
  }
  if (auto done = connection.execute(statements.take_over, kWriting); !done) return done;
  return transaction->commit(kWriting);
}

Result<void> PostgresAudit::stage(Connection& connection, std::span<const CollectionAudit> rows) {
  std::vector<std::string> hostnames;
  for (const auto& row : rows) {
    if (!row.device.empty()) hostnames.push_back(row.device);
  }
  PostgresDevices table(connection);
  Devices devices;
  if (auto learned = devices.learn(table, std::move(hostnames)); !learned) return learned;
  staged_.clear();
  for (const auto& row : rows) {
    staged_.begin_row(kCollectionColumns);
    add_columns(staged_, row, row.device.empty() ? 0 : devices.id(row.device));
  }
  return {};
}

Result<void> PostgresAudit::stage(Connection&, std::span<const ServicePerformance> rows) {
  staged_.clear();
  for (const auto& row : rows) {
    staged_.begin_row(kPerformanceColumns);
    add_columns(staged_, row);
  }
  return {};
}

}  // namespace unity::db::postgres
