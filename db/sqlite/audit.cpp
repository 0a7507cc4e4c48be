#include "sqlite/audit.hpp"

#include <algorithm>
#include <limits>

#include "audit/audit_columns.hpp"
#include "base/now.hpp"
#include "base/uuid.hpp"
#include "sqlite/statement_row.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kWriting = "write the audit to";
constexpr std::string_view kReading = "read the audit in";

using Values = RowValues<StatementRow>;

std::int64_t to_limit(std::size_t limit) {
  return static_cast<std::int64_t>(
      std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

template <class Row>
Result<std::vector<Row>> read_rows(Connection& connection, std::string_view sql, Time from, Time to,
                                   std::size_t limit, Row (*read)(Values)) {
  auto query = connection.prepare(sql, kReading);
  if (!query) return std::move(query).error();
  query->bind(from, to, to_limit(limit));
  return read_all(connection, *query, kReading, read);
}

}  // namespace

Result<SqliteAudit> SqliteAudit::open(Connection& connection) {
  auto find_device =
      connection.prepare("SELECT device_id FROM devices WHERE hostname = ?", kWriting);
  if (!find_device) return std::move(find_device).error();
  auto add_device = connection.prepare(
      "INSERT INTO devices (uid, hostname, created_at, updated_at) VALUES (?, ?, ?, ?)", kWriting);
  if (!add_device) return std::move(add_device).error();
  auto collection =
      connection.prepare("INSERT INTO data_collection_audit (device_id, " UNITY_COLLECTION_COLUMNS
                         ") "
                         "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                         "ON CONFLICT (device_id, time, operation_id) DO NOTHING",
                         kWriting);
  if (!collection) return std::move(collection).error();
  auto performance =
      connection.prepare("INSERT INTO service_performance_metrics (" UNITY_PERFORMANCE_COLUMNS
                         ") "
                         "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                         "ON CONFLICT (instance_id, service_name, time) DO NOTHING",
                         kWriting);
  if (!performance) return std::move(performance).error();
  return SqliteAudit(connection, {std::move(*find_device), std::move(*add_device),
                                  std::move(*collection), std::move(*performance)});
}

Result<void> SqliteAudit::write(std::span<const CollectionAudit> rows) {
  auto transaction = Transaction::begin(connection_, Transaction::Kind::write, kWriting);
  if (!transaction) return std::move(transaction).error();
  for (const auto& row : rows) {
    const auto device = device_id(row.device);
    if (!device) return device.error();
    const auto warnings = row.warnings.empty() ? std::string() : warnings_json(row.warnings);
    statements_.put_collection.bind(
        *device, row.time, Blob{row.operation_id}, row.data_type, row.collection_method,
        unless_empty(row.collection_source), row.force_refresh, row.cache_hit, row.operations,
        row.duration_ms, row.cpu_us, row.ssh_command_count, row.data_size_bytes, row.status,
        unless_empty(row.error_message), unless_empty(warnings), row.records_created,
        row.records_updated, row.freshness_threshold);
    if (auto done = connection_.run(statements_.put_collection, kWriting); !done) return done;
  }
  return transaction->commit(kWriting);
}

Result<void> SqliteAudit::write(std::span<const ServicePerformance> rows) {
  auto transaction = Transaction::begin(connection_, Transaction::Kind::write, kWriting);
  if (!transaction) return std::move(transaction).error();
  for (const auto& row : rows) {
    const auto types = row.error_types.empty() ? std::string() : errors_json(row.error_types);
    const auto top = row.top_errors.empty() ? std::string() : errors_json(row.top_errors);
    statements_.put_performance.bind(
        row.instance_id, row.service_name, row.time, row.operations_total,
        row.operations_successful, row.operations_failed, row.operations_cached,
        row.avg_duration_ms, row.max_duration_ms, row.min_duration_ms, row.ssh_connections_created,
        row.ssh_connections_reused, row.ssh_commands_executed, row.cache_hit_ratio,
        row.cache_size_entries, row.cache_evictions, row.data_collected_bytes, row.database_writes,
        unless_empty(types), unless_empty(top));
    if (auto done = connection_.run(statements_.put_performance, kWriting); !done) return done;
  }
  return transaction->commit(kWriting);
}

Result<std::vector<CollectionAudit>> SqliteAudit::collections(Time from, Time to,
                                                              std::size_t limit) {
  return read_rows<CollectionAudit>(
      connection_,
      "SELECT d.hostname, " UNITY_COLLECTION_COLUMNS
      " FROM data_collection_audit a "
      "LEFT JOIN devices d ON d.device_id = a.device_id "
      "WHERE a.time >= ? AND a.time < ? ORDER BY a.time, d.hostname, operation_id LIMIT ?",
      from, to, limit, read_collection<Values>);
}

Result<std::vector<ServicePerformance>> SqliteAudit::performance(Time from, Time to,
                                                                 std::size_t limit) {
  return read_rows<ServicePerformance>(
      connection_,
      "SELECT " UNITY_PERFORMANCE_COLUMNS
      " FROM service_performance_metrics WHERE time >= ? AND time < ? "
      "ORDER BY time, instance_id, service_name LIMIT ?",
      from, to, limit, read_performance<Values>);
}

Result<std::int64_t> SqliteAudit::device_id(const std::string& hostname) {
  if (hostname.empty()) return std::int64_t{0};
  auto& find = statements_.find_device;
  const auto row = connection_.next(find.bind(hostname), kWriting);
  if (!row) return row.error();
  if (*row) {
    const auto id = find.integer(0);
    find.reset();
    return id;
  }
  const auto time = now();
  const auto uid = make_uuid(time);
  auto added = connection_.run(statements_.add_device.bind(Blob{uid}, hostname, time, time),
                               "add a device to");
  if (!added) return std::move(added).error();
  return connection_.last_insert_id();
}

}  // namespace unity::db
