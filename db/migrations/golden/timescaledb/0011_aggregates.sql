-- 0011 aggregates, timescaledb
-- checksum ea2b17360e902dd3d30a75f409cd60da40871a728e24a448c43ec91ccdf1f07d

CREATE VIEW "plugin_metrics_hourly" AS
-- One row per series and hour.
SELECT
  r.bucket AS hour,
  s.plugin_id AS plugin_id,
  n.metric_name AS metric_name,
  r.sum / r.n AS avg_value,
  r.max AS max_value,
  r.min AS min_value,
  r.n AS sample_count,
  r.sum AS sum_value,
  r.last_value AS last_value,
  n.field AS field,
  n.unit AS unit,
  n.kind AS kind,
  s.tags AS tags,
  s.instance AS instance,
  d.hostname AS device,
  (extract(epoch FROM r.bucket) * 1000000)::bigint AS hour_us,
  r.series_id AS series_id
FROM metric_rollup_1h r
JOIN metric_series n ON n.series_id = r.series_id
JOIN metric_sources s ON s.source_id = n.source_id
JOIN devices d ON d.device_id = s.device_id;

CREATE VIEW "plugin_metrics_daily" AS
-- One row per series and day.
SELECT
  r.bucket AS day,
  s.plugin_id AS plugin_id,
  n.metric_name AS metric_name,
  r.sum / r.n AS avg_value,
  r.max AS max_value,
  r.min AS min_value,
  r.n AS sample_count,
  r.sum AS sum_value,
  r.last_value AS last_value,
  n.field AS field,
  n.unit AS unit,
  n.kind AS kind,
  s.tags AS tags,
  s.instance AS instance,
  d.hostname AS device,
  (extract(epoch FROM r.bucket) * 1000000)::bigint AS day_us,
  r.series_id AS series_id
FROM metric_rollup_1d r
JOIN metric_series n ON n.series_id = r.series_id
JOIN metric_sources s ON s.source_id = n.source_id
JOIN devices d ON d.device_id = s.device_id;

CREATE INDEX "ix_metric_sources_plugin" ON "metric_sources" ("plugin_id", "instance");
