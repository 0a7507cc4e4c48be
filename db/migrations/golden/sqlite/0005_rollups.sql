-- 0005 rollups, sqlite
-- checksum fcc1c686e806af270b4bb5844e43f398435600e322f24714d05eb94430800fe7

CREATE TABLE "metric_rollup_1h" (
  "series_id" INTEGER NOT NULL,
  "bucket" INTEGER NOT NULL,
  "n" INTEGER NOT NULL,
  "sum" REAL NOT NULL,
  "min" REAL NOT NULL,
  "max" REAL NOT NULL,
  "last_time" INTEGER NOT NULL,
  "last_value" REAL NOT NULL,
  CONSTRAINT "pk_metric_rollup_1h" PRIMARY KEY ("series_id", "bucket")
) STRICT, WITHOUT ROWID;

CREATE TABLE "metric_rollup_1d" (
  "series_id" INTEGER NOT NULL,
  "bucket" INTEGER NOT NULL,
  "n" INTEGER NOT NULL,
  "sum" REAL NOT NULL,
  "min" REAL NOT NULL,
  "max" REAL NOT NULL,
  "last_time" INTEGER NOT NULL,
  "last_value" REAL NOT NULL,
  CONSTRAINT "pk_metric_rollup_1d" PRIMARY KEY ("series_id", "bucket")
) STRICT, WITHOUT ROWID;

CREATE TABLE "rollup_dirty" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "tier" INTEGER NOT NULL CHECK ("tier" BETWEEN -32768 AND 32767),
  "bucket" INTEGER NOT NULL,
  CONSTRAINT "ck_rollup_dirty_tier" CHECK (tier IN (1, 2))
) STRICT;

CREATE INDEX "ix_rollup_dirty_bucket" ON "rollup_dirty" ("tier", "bucket");

CREATE TABLE "retention_state" (
  "table_name" TEXT NOT NULL CHECK (length("table_name") <= 64),
  "floor_time" INTEGER NOT NULL,
  "raised_at" INTEGER NOT NULL,
  "dropped_before" INTEGER,
  CONSTRAINT "pk_retention_state" PRIMARY KEY ("table_name")
) STRICT, WITHOUT ROWID;

CREATE TABLE "maintenance_jobs" (
  "job" TEXT NOT NULL CHECK (length("job") <= 64),
  "target" TEXT NOT NULL DEFAULT '' CHECK (length("target") <= 64),
  "last_started" INTEGER,
  "last_finished" INTEGER,
  "last_success" INTEGER,
  "last_status" TEXT NOT NULL DEFAULT 'never' CHECK (length("last_status") <= 16),
  "last_duration_ms" INTEGER,
  "next_due" INTEGER,
  "total_runs" INTEGER NOT NULL DEFAULT 0,
  "total_failures" INTEGER NOT NULL DEFAULT 0,
  "last_error" TEXT,
  CONSTRAINT "pk_maintenance_jobs" PRIMARY KEY ("job", "target")
) STRICT, WITHOUT ROWID;
