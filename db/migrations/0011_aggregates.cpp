#include "migrations/0011_aggregates.hpp"

namespace unity::db {
namespace {

// The documents' columns first. `number` is the bucket in microseconds since 1970.
#define UNITY_ROLLUP_VIEW(bucket, name, number, table)   \
  "-- One row per series and " name                      \
  ".\n"                                                  \
  "SELECT\n"                                             \
  "  " bucket " AS " name                                \
  ",\n"                                                  \
  "  s.plugin_id AS plugin_id,\n"                        \
  "  n.metric_name AS metric_name,\n"                    \
  "  r.sum / r.n AS avg_value,\n"                        \
  "  r.max AS max_value,\n"                              \
  "  r.min AS min_value,\n"                              \
  "  r.n AS sample_count,\n"                             \
  "  r.sum AS sum_value,\n"                              \
  "  r.last_value AS last_value,\n"                      \
  "  n.field AS field,\n"                                \
  "  n.unit AS unit,\n"                                  \
  "  n.kind AS kind,\n"                                  \
  "  s.tags AS tags,\n"                                  \
  "  s.instance AS instance,\n"                          \
  "  d.hostname AS device,\n"                            \
  "  " number " AS " name                                \
  "_us,\n"                                               \
  "  r.series_id AS series_id\n"                         \
  "FROM " table                                          \
  " r\n"                                                 \
  "JOIN metric_series n ON n.series_id = r.series_id\n"  \
  "JOIN metric_sources s ON s.source_id = n.source_id\n" \
  "JOIN devices d ON d.device_id = s.device_id"

#define UNITY_ROLLUP_BODIES(name, table)                                                           \
  {Dialect::mariadb, UNITY_ROLLUP_VIEW("DATE_FORMAT(TIMESTAMPADD(MICROSECOND, r.bucket, "          \
                                       "TIMESTAMP'1970-01-01 00:00:00'), "                         \
                                       "'%Y-%m-%dT%H:%i:%sZ')",                                    \
                                       name, "r.bucket", table)},                                  \
      {Dialect::postgresql,                                                                        \
       UNITY_ROLLUP_VIEW("r.bucket", name, "(extract(epoch FROM r.bucket) * 1000000)::bigint",     \
                         table)},                                                                  \
  {                                                                                                \
    Dialect::sqlite,                                                                               \
        UNITY_ROLLUP_VIEW("strftime('%Y-%m-%dT%H:%M:%SZ', r.bucket / 1000000, 'unixepoch')", name, \
                          "r.bucket", table)                                                       \
  }

constexpr ViewBody kHourly[] = {UNITY_ROLLUP_BODIES("hour", "metric_rollup_1h")};
constexpr ViewBody kDaily[] = {UNITY_ROLLUP_BODIES("day", "metric_rollup_1d")};

constexpr Op kOps[] = {
    CreateView{"plugin_metrics_hourly", kHourly},
    CreateView{"plugin_metrics_daily", kDaily},
    CreateIndex{"ix_metric_sources_plugin", "metric_sources", "plugin_id, instance"},
};

}  // namespace

std::span<const Op> aggregates_ops() { return kOps; }

}  // namespace unity::db
