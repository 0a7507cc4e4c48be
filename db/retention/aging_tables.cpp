#include "unity/db/retention.hpp"

namespace unity::db {

std::vector<AgingTable> aging_tables(const RetentionConfig& config) {
  return {
      // Numbers before what is made of them: see RetentionJob.
      {"metric_frames", "time", "source_id", config.raw_metrics},
      {"metric_rollup_1h", "bucket", "series_id", config.hourly_aggregates},
      {"metric_rollup_1d", "bucket", "series_id", config.daily_aggregates},
      {"metrics_agg", "window_start", "", config.window_aggregates},
      {"alert_history", "time", "alert_id", config.alert_history},
      {"data_collection_audit", "time", "device_id", config.audit},
      {"service_performance_metrics", "time", "instance_id, service_name", config.audit},
      {"raw_events", "created_at", "topic", config.events},
      // What is in force stays, however long ago it was written.
      {"configuration_snapshots", "time", "", config.configuration,
       "EXISTS (SELECT 1 FROM configuration_current c "
       "WHERE c.snapshot_id = configuration_snapshots.id)"},
      {"configuration_change_events", "time", "", config.configuration},
  };
}

}  // namespace unity::db
