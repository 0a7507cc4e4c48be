-- 0011 aggregates, sqlite
-- checksum c8bd9d69c192e2536302cf656bf4a425fc11cb08b2a3f38530d70766605a683f

CREATE VIEW "plugin_metrics_hourly" AS
-- One row per series and hour.
SELECT
  strftime('%Y-%m-%dT%H:%M:%SZ', r.bucket / 1000000, 'unixepoch') AS hour,
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
  r.bucket AS hour_us,
  r.series_id AS series_id
FROM metric_rollup_1h r
JOIN metric_series n ON n.series_id = r.series_id
JOIN metric_sources s ON s.source_id = n.source_id
JOIN devices d ON d.device_id = s.device_id;

CREATE VIEW "plugin_metrics_daily" AS
-- One row per series and day.
SELECT
  strftime('%Y-%m-%dT%H:%M:%SZ', r.bucket / 1000000, 'unixepoch') AS day,
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
  r.bucket AS day_us,
  r.series_id AS series_id
FROM metric_rollup_1d r
JOIN metric_series n ON n.series_id = r.series_id
JOIN metric_sources s ON s.source_id = n.source_id
JOIN devices d ON d.device_id = s.device_id;

CREATE INDEX "ix_metric_sources_plugin" ON "metric_sources" ("plugin_id", "instance");
