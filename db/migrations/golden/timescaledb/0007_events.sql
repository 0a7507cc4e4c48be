-- 0007 events, timescaledb
-- checksum 4142517f276ac2473b77e4329b69e37ed1bd2e94a73c4d749cc82b8b7280dd15

CREATE TABLE "raw_events" (
  "source" VARCHAR(100) NOT NULL,
  "topic" VARCHAR(200) NOT NULL,
  "partition_no" INTEGER NOT NULL,
  "offset_no" BIGINT NOT NULL,
  "created_at" TIMESTAMPTZ NOT NULL,
  "level" VARCHAR(16),
  "device_id" BIGINT,
  "data" JSONB NOT NULL,
  CONSTRAINT "pk_raw_events" PRIMARY KEY ("topic", "partition_no", "offset_no", "created_at")
);

SELECT create_hypertable('"raw_events"', 'created_at',
  chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE);

CREATE INDEX "ix_raw_events_topic" ON "raw_events" ("topic", "created_at");

CREATE INDEX "ix_raw_events_level" ON "raw_events" ("level", "created_at");

CREATE TABLE "metrics_agg" (
  "window_key" VARCHAR(200) NOT NULL,
  "metric_type" VARCHAR(100) NOT NULL,
  "window_seconds" INTEGER NOT NULL,
  "window_start" TIMESTAMPTZ NOT NULL,
  "value" DOUBLE PRECISION NOT NULL,
  "sample_count" BIGINT NOT NULL,
  "metadata" JSONB,
  "updated_at" TIMESTAMPTZ NOT NULL,
  CONSTRAINT "pk_metrics_agg" PRIMARY KEY ("window_key", "metric_type", "window_seconds", "window_start")
);

CREATE INDEX "ix_metrics_agg_start" ON "metrics_agg" ("window_start");

CREATE VIEW "telemetry_events" AS
SELECT "created_at" AS "time", "topic", "level", "device_id", "data", "partition_no", "offset_no"
FROM "raw_events"
WHERE "source" = 'telemetry';
