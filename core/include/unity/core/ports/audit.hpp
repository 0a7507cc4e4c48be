// What the host did, minute by minute, kept beside what it collected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"

namespace unity {

// What the tables take, in characters. Whoever makes rows makes them fit: one that does not would
// fail all that are written with it. Texts of errors have a bound for the sake of their size.
inline constexpr std::size_t kAuditDeviceLength = 255;  // also instance_id
inline constexpr std::size_t kAuditPluginLength = 100;
inline constexpr std::size_t kAuditInstanceLength = 200;
inline constexpr std::size_t kAuditServiceLength = 100;
inline constexpr std::size_t kAuditErrorLength = 4000;

// One row of data_collection_audit: a run, or the successful runs of an instance in one minute.
// What does not apply is empty, which is NULL in the table, not 0. Key: device, time, operation_id.
struct CollectionAudit {
  std::string device;             // empty: the host itself, device 0
  Time time{};                    // of the run's start, or the minute
  std::string operation_id;       // 16 bytes: the same whenever the same row is written again
  std::string data_type;          // the plugin
  std::string collection_method;  // why it ran: "schedule", "retry", "manual"
  std::string collection_source;  // the instance
  bool force_refresh = false;     // run although what there was may have been fresh enough
  std::optional<bool> cache_hit;  // manual runs: fresh enough, so nothing ran
  std::int64_t operations = 1;    // runs that the row stands for
  std::optional<std::int64_t> duration_ms;  // in all
  std::optional<std::int64_t> cpu_us;       // in all
  std::optional<std::int64_t> ssh_command_count;
  std::optional<std::int64_t> data_size_bytes;
  std::string status;         // "success", "partial", or the class of the error
  std::string error_message;  // empty: none
  std::vector<std::string> warnings;
  std::optional<std::int64_t> records_created;
  std::optional<std::int64_t> records_updated;
  std::optional<std::int64_t> freshness_threshold;  // seconds: "not if younger than that"

  friend bool operator==(const CollectionAudit&, const CollectionAudit&) = default;
};

// How often something went wrong in one way.
struct ErrorCount {
  std::string what;
  std::int64_t count = 0;

  friend bool operator==(const ErrorCount&, const ErrorCount&) = default;
};

// One row of service_performance_metrics: a part of the host during one minute. Key: instance_id,
// service_name, time.
struct ServicePerformance {
  std::string instance_id;   // which host: several may share a database
  std::string service_name;  // "collection", "storage:main"
  Time time{};               // the minute
  std::int64_t operations_total = 0;
  std::int64_t operations_successful = 0;
  std::int64_t operations_failed = 0;
  std::optional<std::int64_t> operations_cached;
  std::optional<double> avg_duration_ms;
  std::optional<std::int64_t> max_duration_ms;
  std::optional<std::int64_t> min_duration_ms;
  std::optional<std::int64_t> ssh_connections_created;
  std::optional<std::int64_t> ssh_connections_reused;
  std::optional<std::int64_t> ssh_commands_executed;
  std::optional<double> cache_hit_ratio;  // 0 to 1
  std::optional<std::int64_t> cache_size_entries;
  std::optional<std::int64_t> cache_evictions;
  std::optional<std::int64_t> data_collected_bytes;
  std::optional<std::int64_t> database_writes;
  std::vector<ErrorCount> error_types;  // by class
  std::vector<ErrorCount> top_errors;   // by message, the most frequent first

  friend bool operator==(const ServicePerformance&, const ServicePerformance&) = default;
};

// Same threading rule as Storage, and the same thread. Writing a row whose key is there already
// changes nothing, so rows may be written again after Errc::unavailable. All rows or none.
class Audit {
 public:
  virtual ~Audit() = default;
  virtual Result<void> write(std::span<const CollectionAudit> rows) = 0;
  virtual Result<void> write(std::span<const ServicePerformance> rows) = 0;

  // What was written with from <= time < to, in the order of time and key; at most `limit`.
  virtual Result<std::vector<CollectionAudit>> collections(Time from, Time to,
                                                           std::size_t limit) = 0;
  virtual Result<std::vector<ServicePerformance>> performance(Time from, Time to,
                                                              std::size_t limit) = 0;
};

}  // namespace unity
