#include "sqlite/audit.hpp"

#include <algorithm>
#include <limits>

#include "audit/audit_json.hpp"
#include "base/now.hpp"
#include "base/uuid.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kWriting = "write the audit to";
constexpr std::string_view kReading = "read the audit in";

std::optional<std::string_view> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::int64_t> whole(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

std::optional<double> real(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.real(column));
}

Time time_of(const Statement& row, int column) {
  return Time(std::chrono::microseconds(row.integer(column)));
}

std::int64_t to_limit(std::size_t limit) {
  return static_cast<std::int64_t>(
      std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

CollectionAudit read_collection(const Statement& row) {
  CollectionAudit read;
  read.device = row.text(0);
  read.time = time_of(row, 1);
  read.operation_id = row.text(2);
  read.data_type = row.text(3);
  read.collection_method = row.text(4);
  read.collection_source = row.text(5);
  read.force_refresh = row.integer(6) != 0;
  if (!row.is_null(7)) read.cache_hit = row.integer(7) != 0;
  read.operations = row.integer(8);
  read.duration_ms = whole(row, 9);
  read.cpu_us = whole(row, 10);
  read.ssh_command_count = whole(row, 11);
  read.data_size_bytes = whole(row, 12);
  read.status = row.text(13);
  read.error_message = row.text(14);
  read.warnings = parse_warnings(row.text(15));
  read.records_created = whole(row, 16);
  read.records_updated = whole(row, 17);
  read.freshness_threshold = whole(row, 18);
  return read;
}

ServicePerformance read_performance(const Statement& row) {
  ServicePerformance read;
  read.instance_id = row.text(0);
  read.service_name = row.text(1);
  read.time = time_of(row, 2);
  read.operations_total = row.integer(3);
  read.operations_successful = row.integer(4);
  read.operations_failed = row.integer(5);
  read.operations_cached = whole(row, 6);
  read.avg_duration_ms = real(row, 7);
  read.max_duration_ms = whole(row, 8);
  read.min_duration_ms = whole(row, 9);
  read.ssh_connections_created = whole(row, 10);
  read.ssh_connections_reused = whole(row, 11);
  read.ssh_commands_executed = whole(row, 12);
  read.cache_hit_ratio = real(row, 13);
  read.cache_size_entries = whole(row, 14);
  read.cache_evictions = whole(row, 15);
  read.data_collected_bytes = whole(row, 16);
  read.database_writes = whole(row, 17);
  read.error_types = parse_errors(row.text(18));
  read.top_errors = parse_errors(row.text(19));
  return read;
}

template <class Row>
Result<std::vector<Row>> read_rows(Connection& connection, std::string_view sql, Time from, Time to,
                                   std::size_t limit, Row (*read)(const Statement&)) {
  auto query = connection.prepare(sql, kReading);
  if (!query) return std::move(query).error();
  query->bind(from, to, to_limit(limit));
  std::vector<Row> rows;
  for (;;) {
    const auto row = connection.next(*query, kReading);
    if (!row) return row.error();
    if (!*row) return rows;
    rows.push_back(read(*query));
  }
}

}  // namespace

Result<SqliteAudit> SqliteAudit::open(Connection& connection) {
  auto find_device =
      connection.prepare("SELECT device_id FROM devices WHERE hostname = ?", kWriting);
  if (!find_device) return std::move(find_device).error();
  auto add_device = connection.prepare(
      "INSERT INTO devices (uid, hostname, created_at, updated_at) VALUES (?, ?, ?, ?)", kWriting);
  if (!add_device) return std::move(add_device).error();
  auto collection = connection.prepare(
      "INSERT INTO data_collection_audit (device_id, time, operation_id, data_type, "
      "collection_method, collection_source, force_refresh, cache_hit, operations, duration_ms, "
      "cpu_us, ssh_command_count, data_size_bytes, status, error_message, warnings, "
      "records_created, records_updated, freshness_threshold) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (device_id, time, operation_id) DO NOTHING",
      kWriting);
  if (!collection) return std::move(collection).error();
  auto performance = connection.prepare(
      "INSERT INTO service_performance_metrics (instance_id, service_name, time, operations_total, "
      "operations_successful, operations_failed, operations_cached, avg_duration_ms, "
      "max_duration_ms, min_duration_ms, ssh_connections_created, ssh_connections_reused, "
      "ssh_commands_executed, cache_hit_ratio, cache_size_entries, cache_evictions, "
      "data_collected_bytes, database_writes, error_types, top_errors) "
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
      "SELECT d.hostname, a.time, operation_id, data_type, collection_method, collection_source, "
      "force_refresh, cache_hit, operations, duration_ms, cpu_us, ssh_command_count, "
      "data_size_bytes, status, error_message, warnings, records_created, records_updated, "
      "freshness_threshold FROM data_collection_audit a "
      "LEFT JOIN devices d ON d.device_id = a.device_id "
      "WHERE a.time >= ? AND a.time < ? ORDER BY a.time, d.hostname, operation_id LIMIT ?",
      from, to, limit, read_collection);
}

Result<std::vector<ServicePerformance>> SqliteAudit::performance(Time from, Time to,
                                                                 std::size_t limit) {
  return read_rows<ServicePerformance>(
      connection_,
      "SELECT instance_id, service_name, time, operations_total, operations_successful, "
      "operations_failed, operations_cached, avg_duration_ms, max_duration_ms, min_duration_ms, "
      "ssh_connections_created, ssh_connections_reused, ssh_commands_executed, cache_hit_ratio, "
      "cache_size_entries, cache_evictions, data_collected_bytes, database_writes, error_types, "
      "top_errors FROM service_performance_metrics WHERE time >= ? AND time < ? "
      "ORDER BY time, instance_id, service_name LIMIT ?",
      from, to, limit, read_performance);
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
