-- 0007 events, sqlite
-- checksum 34cb39098437cc3e1001aa6d14f4c6bee031312eebf5000bd25dc3fb2487ad0a

CREATE TABLE "raw_events" (
  "source" TEXT NOT NULL CHECK (length("source") <= 100),
  "topic" TEXT NOT NULL CHECK (length("topic") <= 200),
  "partition_no" INTEGER NOT NULL CHECK ("partition_no" BETWEEN -2147483648 AND 2147483647),
  "offset_no" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "level" TEXT CHECK (length("level") <= 16),
  "device_id" INTEGER,
  "data" TEXT NOT NULL CHECK (json_valid("data")),
  CONSTRAINT "pk_raw_events" PRIMARY KEY ("topic", "partition_no", "offset_no", "created_at")
) STRICT, WITHOUT ROWID;

CREATE INDEX "ix_raw_events_topic" ON "raw_events" ("topic", "created_at");

CREATE INDEX "ix_raw_events_level" ON "raw_events" ("level", "created_at");

CREATE TABLE "metrics_agg" (
  "window_key" TEXT NOT NULL CHECK (length("window_key") <= 200),
  "metric_type" TEXT NOT NULL CHECK (length("metric_type") <= 100),
  "window_seconds" INTEGER NOT NULL CHECK ("window_seconds" BETWEEN -2147483648 AND 2147483647),
  "window_start" INTEGER NOT NULL,
  "value" REAL NOT NULL,
  "sample_count" INTEGER NOT NULL,
  "metadata" TEXT CHECK ("metadata" IS NULL OR json_valid("metadata")),
  "updated_at" INTEGER NOT NULL,
  CONSTRAINT "pk_metrics_agg" PRIMARY KEY ("window_key", "metric_type", "window_seconds", "window_start")
) STRICT, WITHOUT ROWID;

CREATE INDEX "ix_metrics_agg_start" ON "metrics_agg" ("window_start");

CREATE VIEW "telemetry_events" AS
SELECT "created_at" AS "time", "topic", "level", "device_id", "data", "partition_no", "offset_no"
FROM "raw_events"
WHERE "source" = 'telemetry';
