-- 0002 metrics, sqlite
-- checksum da7dd1603c90d355b8e3e9ce2c85b80afb0b3e33c6e182b3c14b44ab61e71225

CREATE TABLE "metric_sources" (
  "source_id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "device_id" INTEGER NOT NULL,
  "plugin_id" TEXT NOT NULL CHECK (length("plugin_id") <= 100),
  "instance" TEXT NOT NULL CHECK (length("instance") <= 200),
  "tags" TEXT NOT NULL CHECK (json_valid("tags")),
  "tags_hash" BLOB NOT NULL CHECK (length("tags_hash") = 32),
  CONSTRAINT "uq_metric_sources_identity" UNIQUE ("device_id", "plugin_id", "instance", "tags_hash"),
  CONSTRAINT "fk_metric_sources_device_id" FOREIGN KEY ("device_id") REFERENCES "devices" ("device_id") ON DELETE RESTRICT
) STRICT;

CREATE TABLE "metric_series" (
  "series_id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "source_id" INTEGER NOT NULL,
  "position" INTEGER CHECK ("position" BETWEEN -2147483648 AND 2147483647),
  "metric_name" TEXT NOT NULL CHECK (length("metric_name") <= 200),
  "field" TEXT NOT NULL CHECK (length("field") <= 200),
  "unit" TEXT CHECK (length("unit") <= 32),
  "kind" TEXT NOT NULL DEFAULT 'gauge' CHECK (length("kind") <= 16),
  CONSTRAINT "uq_metric_series_position" UNIQUE ("source_id", "position"),
  CONSTRAINT "uq_metric_series_name" UNIQUE ("source_id", "metric_name", "field"),
  CONSTRAINT "fk_metric_series_source_id" FOREIGN KEY ("source_id") REFERENCES "metric_sources" ("source_id") ON DELETE CASCADE,
  CONSTRAINT "ck_metric_series_kind" CHECK (kind IN ('gauge', 'counter', 'rate', 'bool', 'text')),
  CONSTRAINT "ck_metric_series_position" CHECK (position >= 0)
) STRICT;

CREATE INDEX "ix_metric_series_metric" ON "metric_series" ("metric_name", "source_id");

CREATE TABLE "metric_frames" (
  "source_id" INTEGER NOT NULL,
  "time" INTEGER NOT NULL,
  "vals" TEXT NOT NULL,
  "doc" TEXT CHECK ("doc" IS NULL OR json_valid("doc")),
  CONSTRAINT "pk_metric_frames" PRIMARY KEY ("source_id", "time")
) STRICT, WITHOUT ROWID;

CREATE VIEW "plugin_metrics" AS
-- One row per source, moment and metric.
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
   OR EXISTS (SELECT 1 FROM json_each(f.doc) e WHERE e.key = m.metric_name);
