#include "postgres/audit_rows.hpp"

#include "audit/audit_json.hpp"
#include "base/unless_empty.hpp"

namespace unity::db::postgres {
namespace {

template <class List>
void add_list(CopyData& copy, const List& list, std::string (*to_json)(const List&)) {
  list.empty() ? copy.add_null() : copy.add_json(to_json(list));
}

// The values of a row, one after the other.
class Values {
 public:
  Values(const Rows& rows, int row) : rows_(rows), row_(row) {}

  std::string text() { return std::string(rows_.bytes(row_, column_++)); }
  std::string_view json() { return rows_.json(row_, column_++); }
  Time time() { return rows_.time(row_, column_++); }
  bool flag() { return rows_.flag(row_, column_++); }
  std::int64_t integer() { return rows_.integer(row_, column_++); }
  std::optional<bool> flag_or_null() { return is_null() ? skip<bool>() : flag(); }
  std::optional<std::int64_t> integer_or_null() {
    return is_null() ? skip<std::int64_t>() : integer();
  }
  std::optional<double> real_or_null() {
    return is_null() ? skip<double>() : rows_.real(row_, column_++);
  }

 private:
  bool is_null() const { return rows_.is_null(row_, column_); }
  template <class T>
  std::optional<T> skip() {
    ++column_;
    return std::nullopt;
  }

  const Rows& rows_;
  int row_;
  int column_ = 0;
};

}  // namespace

void append_row(CopyData& copy, const CollectionAudit& row, std::int64_t device_id) {
  copy.begin_row(19);
  copy.add(device_id);
  copy.add(row.time);
  copy.add(std::string_view(row.operation_id));
  copy.add(std::string_view(row.data_type));
  copy.add(std::string_view(row.collection_method));
  copy.add(unless_empty(row.collection_source));
  copy.add(row.force_refresh);
  copy.add(row.cache_hit);
  copy.add(row.operations);
  copy.add(row.duration_ms);
  copy.add(row.cpu_us);
  copy.add(row.ssh_command_count);
  copy.add(row.data_size_bytes);
  copy.add(std::string_view(row.status));
  copy.add(unless_empty(row.error_message));
  add_list(copy, row.warnings, warnings_json);
  copy.add(row.records_created);
  copy.add(row.records_updated);
  copy.add(row.freshness_threshold);
}

void append_row(CopyData& copy, const ServicePerformance& row) {
  copy.begin_row(20);
  copy.add(std::string_view(row.instance_id));
  copy.add(std::string_view(row.service_name));
  copy.add(row.time);
  copy.add(row.operations_total);
  copy.add(row.operations_successful);
  copy.add(row.operations_failed);
  copy.add(row.operations_cached);
  copy.add(row.avg_duration_ms);
  copy.add(row.max_duration_ms);
  copy.add(row.min_duration_ms);
  copy.add(row.ssh_connections_created);
  copy.add(row.ssh_connections_reused);
  copy.add(row.ssh_commands_executed);
  copy.add(row.cache_hit_ratio);
  copy.add(row.cache_size_entries);
  copy.add(row.cache_evictions);
  copy.add(row.data_collected_bytes);
  copy.add(row.database_writes);
  add_list(copy, row.error_types, errors_json);
  add_list(copy, row.top_errors, errors_json);
}

CollectionAudit read_collection(const Rows& rows, int row) {
  Values values(rows, row);
  CollectionAudit read;
  read.device = values.text();
  read.time = values.time();
  read.operation_id = values.text();
  read.data_type = values.text();
  read.collection_method = values.text();
  read.collection_source = values.text();
  read.force_refresh = values.flag();
  read.cache_hit = values.flag_or_null();
  read.operations = values.integer();
  read.duration_ms = values.integer_or_null();
  read.cpu_us = values.integer_or_null();
  read.ssh_command_count = values.integer_or_null();
  read.data_size_bytes = values.integer_or_null();
  read.status = values.text();
  read.error_message = values.text();
  read.warnings = parse_warnings(values.json());
  read.records_created = values.integer_or_null();
  read.records_updated = values.integer_or_null();
  read.freshness_threshold = values.integer_or_null();
  return read;
}

ServicePerformance read_performance(const Rows& rows, int row) {
  Values values(rows, row);
  ServicePerformance read;
  read.instance_id = values.text();
  read.service_name = values.text();
  read.time = values.time();
  read.operations_total = values.integer();
  read.operations_successful = values.integer();
  read.operations_failed = values.integer();
  read.operations_cached = values.integer_or_null();
  read.avg_duration_ms = values.real_or_null();
  read.max_duration_ms = values.integer_or_null();
  read.min_duration_ms = values.integer_or_null();
  read.ssh_connections_created = values.integer_or_null();
  read.ssh_connections_reused = values.integer_or_null();
  read.ssh_commands_executed = values.integer_or_null();
  read.cache_hit_ratio = values.real_or_null();
  read.cache_size_entries = values.integer_or_null();
  read.cache_evictions = values.integer_or_null();
  read.data_collected_bytes = values.integer_or_null();
  read.database_writes = values.integer_or_null();
  read.error_types = parse_errors(values.json());
  read.top_errors = parse_errors(values.json());
  return read;
}

}  // namespace unity::db::postgres
