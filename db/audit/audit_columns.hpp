// The columns of the audit's tables, once for every database: their names, and how rows become
// values and values rows, in the order of the names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "audit/audit_json.hpp"
#include "base/unless_empty.hpp"
#include "unity/core/ports/audit.hpp"

namespace unity::db {

// data_collection_audit has first its device: the id where rows are written, the hostname where
// they are read.
#define UNITY_COLLECTION_COLUMNS                                                             \
  "time, operation_id, data_type, collection_method, collection_source, force_refresh, "     \
  "cache_hit, operations, duration_ms, cpu_us, ssh_command_count, data_size_bytes, status, " \
  "error_message, warnings, records_created, records_updated, freshness_threshold"
#define UNITY_PERFORMANCE_COLUMNS                                                             \
  "instance_id, service_name, time, operations_total, operations_successful, "                \
  "operations_failed, operations_cached, avg_duration_ms, max_duration_ms, min_duration_ms, " \
  "ssh_connections_created, ssh_connections_reused, ssh_commands_executed, cache_hit_ratio, " \
  "cache_size_entries, cache_evictions, data_collected_bytes, database_writes, error_types, " \
  "top_errors"

inline constexpr int kCollectionColumns = 19;
inline constexpr int kPerformanceColumns = 20;

template <class Out, class List>
void add_list(Out& out, const List& list, std::string (*to_json)(const List&)) {
  list.empty() ? out.add_null() : out.add_json(to_json(list));
}

// `Out` takes one value after the other by add(), add_bytes() where it is no text, add_json() and
// add_null(). An empty optional is NULL.
template <class Out>
void add_columns(Out& out, const CollectionAudit& row, std::int64_t device_id) {
  out.add(device_id);
  out.add(row.time);
  out.add_bytes(row.operation_id);
  out.add(std::string_view(row.data_type));
  out.add(std::string_view(row.collection_method));
  out.add(unless_empty(row.collection_source));
  out.add(row.force_refresh);
  out.add(row.cache_hit);
  out.add(row.operations);
  out.add(row.duration_ms);
  out.add(row.cpu_us);
  out.add(row.ssh_command_count);
  out.add(row.data_size_bytes);
  out.add(std::string_view(row.status));
  out.add(unless_empty(row.error_message));
  add_list(out, row.warnings, warnings_json);
  out.add(row.records_created);
  out.add(row.records_updated);
  out.add(row.freshness_threshold);
}

template <class Out>
void add_columns(Out& out, const ServicePerformance& row) {
  out.add(std::string_view(row.instance_id));
  out.add(std::string_view(row.service_name));
  out.add(row.time);
  out.add(row.operations_total);
  out.add(row.operations_successful);
  out.add(row.operations_failed);
  out.add(row.operations_cached);
  out.add(row.avg_duration_ms);
  out.add(row.max_duration_ms);
  out.add(row.min_duration_ms);
  out.add(row.ssh_connections_created);
  out.add(row.ssh_connections_reused);
  out.add(row.ssh_commands_executed);
  out.add(row.cache_hit_ratio);
  out.add(row.cache_size_entries);
  out.add(row.cache_evictions);
  out.add(row.data_collected_bytes);
  out.add(row.database_writes);
  add_list(out, row.error_types, errors_json);
  add_list(out, row.top_errors, errors_json);
}

// `In` gives the values of a row, each call the next one: see RowValues.
template <class In>
CollectionAudit read_collection(In in) {
  CollectionAudit row;
  row.device = in.text();
  row.time = in.time();
  row.operation_id = in.text();
  row.data_type = in.text();
  row.collection_method = in.text();
  row.collection_source = in.text();
  row.force_refresh = in.flag();
  row.cache_hit = in.flag_or_null();
  row.operations = in.integer();
  row.duration_ms = in.integer_or_null();
  row.cpu_us = in.integer_or_null();
  row.ssh_command_count = in.integer_or_null();
  row.data_size_bytes = in.integer_or_null();
  row.status = in.text();
  row.error_message = in.text();
  row.warnings = parse_warnings(in.json());
  row.records_created = in.integer_or_null();
  row.records_updated = in.integer_or_null();
  row.freshness_threshold = in.integer_or_null();
  return row;
}

template <class In>
ServicePerformance read_performance(In in) {
  ServicePerformance row;
  row.instance_id = in.text();
  row.service_name = in.text();
  row.time = in.time();
  row.operations_total = in.integer();
  row.operations_successful = in.integer();
  row.operations_failed = in.integer();
  row.operations_cached = in.integer_or_null();
  row.avg_duration_ms = in.real_or_null();
  row.max_duration_ms = in.integer_or_null();
  row.min_duration_ms = in.integer_or_null();
  row.ssh_connections_created = in.integer_or_null();
  row.ssh_connections_reused = in.integer_or_null();
  row.ssh_commands_executed = in.integer_or_null();
  row.cache_hit_ratio = in.real_or_null();
  row.cache_size_entries = in.integer_or_null();
  row.cache_evictions = in.integer_or_null();
  row.data_collected_bytes = in.integer_or_null();
  row.database_writes = in.integer_or_null();
  row.error_types = parse_errors(in.json());
  row.top_errors = parse_errors(in.json());
  return row;
}

}  // namespace unity::db
