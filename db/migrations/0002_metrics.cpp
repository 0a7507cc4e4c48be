#include "migrations/0002_metrics.hpp"

namespace unity::db {
namespace {

constexpr Column kSourceColumns[] = {
    {"source_id", Type::id}, {"device_id", Type::i64}, str("plugin_id", 100),
    str("instance", 200),    {"tags", Type::json},     {"tags_hash", Type::hash},
};
constexpr Unique kSourceUniques[] = {
    {"uq_metric_sources_identity", "device_id, plugin_id, instance, tags_hash"}};
constexpr ForeignKey kSourceKeys[] = {
    {"fk_metric_sources_device_id", "device_id", "devices", "device_id", "RESTRICT"}};

// A field that has only ever been text has no position.
constexpr Column kSeriesColumns[] = {
    {"series_id", Type::id},
    {"source_id", Type::i64},
    nullable({"position", Type::i32}),
    str("metric_name", 200),
    str("field", 200),
    nullable(str("unit", 32)),
    with_default(str("kind", 16), "'gauge'"),
};
constexpr Unique kSeriesUniques[] = {
    {"uq_metric_series_position", "source_id, position"},
    {"uq_metric_series_name", "source_id, metric_name, field"},
};
constexpr ForeignKey kSeriesKeys[] = {
    {"fk_metric_series_source_id", "source_id", "metric_sources", "source_id", "CASCADE"}};
constexpr Check kSeriesChecks[] = {
    {"ck_metric_series_kind", "kind IN ('gauge', 'counter', 'rate', 'bool', 'text')"},
    {"ck_metric_series_position", "position >= 0"},
};

// No foreign key: it would be looked up for every frame, and partitioned tables forbid it.
constexpr Column kFrameColumns[] = {
    {"source_id", Type::i64},
    {"time", Type::time},
    {"vals", Type::numbers},
    nullable({"doc", Type::json}),
};

constexpr ViewBody kPluginMetrics[] = {
    {Dialect::mariadb, R"(-- One row per source, moment and metric.
-- JSON_EXTRACT passes the digits on as they were stored, but gives a JSON null for one in vals;
-- JSON_VALUE gives NULL. JSON_QUERY finds names that JSON_EXTRACT does not (an escape after a letter
-- beyond ASCII). What is JSON by its type compares as utf8mb4_bin, other texts do not.
SELECT
  DATE_FORMAT(TIMESTAMPADD(MICROSECOND, f.time, TIMESTAMP'1970-01-01 00:00:00'),
              '%Y-%m-%dT%H:%i:%s.%fZ') AS time,
  s.plugin_id AS plugin_id,
  m.metric_name AS metric_name,
  JSON_MERGE_PATCH(
    COALESCE((SELECT JSON_OBJECTAGG(n.field, JSON_EXTRACT(f.vals, CONCAT('$[', n.position, ']')))
                FROM metric_series n
               WHERE n.source_id = m.source_id AND n.metric_name = m.metric_name
                 AND JSON_VALUE(f.vals, CONCAT('$[', n.position, ']')) IS NOT NULL), '{}') COLLATE utf8mb4_bin,
    COALESCE(JSON_QUERY(f.doc, CONCAT('$.', JSON_QUOTE(m.metric_name))), '{}')) AS value,
  s.tags AS tags,
  s.instance AS instance,
  d.hostname AS device,
  f.time AS time_us
FROM (SELECT DISTINCT source_id, metric_name FROM metric_series) m
JOIN metric_sources s ON s.source_id = m.source_id
JOIN devices d ON d.device_id = s.device_id
JOIN metric_frames f ON f.source_id = m.source_id
WHERE EXISTS (SELECT 1 FROM metric_series n
               WHERE n.source_id = m.source_id AND n.metric_name = m.metric_name
                 AND JSON_VALUE(f.vals, CONCAT('$[', n.position, ']')) IS NOT NULL)
   OR JSON_EXISTS(f.doc, CONCAT('$.', JSON_QUOTE(m.metric_name))))"},
    {Dialect::postgresql, R"(-- One row per source, moment and metric.
-- A number in doc is the exact form of one that vals holds rounded, so it comes last and wins.
SELECT
  f.time AS time,
  s.plugin_id AS plugin_id,
  m.metric_name AS metric_name,
  coalesce((SELECT jsonb_object_agg(n.field, f.vals[n.position + 1])
              FROM metric_series n
             WHERE n.source_id = m.source_id AND n.metric_name = m.metric_name
               AND f.vals[n.position + 1] IS NOT NULL), '{}')
    || coalesce(f.doc -> m.metric_name, '{}') AS value,
  s.tags AS tags,
  s.instance AS instance,
  d.hostname AS device,
  (extract(epoch FROM f.time) * 1000000)::bigint AS time_us
FROM (SELECT DISTINCT source_id, metric_name FROM metric_series) m
JOIN metric_sources s ON s.source_id = m.source_id
JOIN devices d ON d.device_id = s.device_id
JOIN metric_frames f ON f.source_id = m.source_id
WHERE EXISTS (SELECT 1 FROM metric_series n
               WHERE n.source_id = m.source_id AND n.metric_name = m.metric_name
                 AND f.vals[n.position + 1] IS NOT NULL)
   OR f.doc ? m.metric_name)"},
    {Dialect::sqlite, R"(-- One row per source, moment and metric.
-- "->" rather than "->>": the digits are passed on as they were stored.
SELECT
  strftime('%Y-%m-%dT%H:%M:%S',
           (f.time - ((f.time % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch')
    || printf('.%06dZ', ((f.time % 1000000) + 1000000) % 1000000) AS time,
  s.plugin_id AS plugin_id,
  m.metric_name AS metric_name,
  (SELECT json_group_object(x.field, json(x.value)) FROM (
     SELECT n.field AS field, f.vals -> n.position AS value
       FROM metric_series n
      WHERE n.source_id = m.source_id AND n.metric_name = m.metric_name
        AND f.vals ->> n.position IS NOT NULL
     UNION ALL
     SELECT e.key, json_quote(e.value)
       FROM json_each(f.doc) d, json_each(d.value) e
      WHERE d.key = m.metric_name) x) AS value,
  s.tags AS tags,
  s.instance AS instance,
  d.hostname AS device,
  f.time AS time_us
FROM (SELECT DISTINCT source_id, metric_name FROM metric_series) m
JOIN metric_sources s ON s.source_id = m.source_id
JOIN devices d ON d.device_id = s.device_id
JOIN metric_frames f ON f.source_id = m.source_id
WHERE EXISTS (SELECT 1 FROM metric_series n
               WHERE n.source_id = m.source_id AND n.metric_name = m.metric_name
                 AND f.vals ->> n.position IS NOT NULL)
   OR EXISTS (SELECT 1 FROM json_each(f.doc) e WHERE e.key = m.metric_name))"}};

constexpr Op kOps[] = {
    CreateTable{.name = "metric_sources",
                .columns = kSourceColumns,
                .uniques = kSourceUniques,
                .foreign_keys = kSourceKeys},
    CreateTable{.name = "metric_series",
                .columns = kSeriesColumns,
                .uniques = kSeriesUniques,
                .foreign_keys = kSeriesKeys,
                .checks = kSeriesChecks},
    CreateIndex{"ix_metric_series_metric", "metric_series", "metric_name, source_id"},
    CreateTable{.name = "metric_frames",
                .columns = kFrameColumns,
                .primary_key = "source_id, time",
                .partition_by = "time",
                .segment_by = "source_id"},
    CreateView{"plugin_metrics", kPluginMetrics},
};

}  // namespace

std::span<const Op> metrics_ops() { return kOps; }

}  // namespace unity::db
