-- 0003 audit, sqlite
-- checksum 4595108ff0dc4ec4cffb80e4ac485aa00b4ff5a95c913dec97f8f58c5fac5a3f

CREATE TABLE "data_collection_audit" (
  "device_id" INTEGER NOT NULL,
  "time" INTEGER NOT NULL,
  "operation_id" BLOB NOT NULL CHECK (length("operation_id") = 16),
  "data_type" TEXT NOT NULL CHECK (length("data_type") <= 100),
  "collection_method" TEXT NOT NULL CHECK (length("collection_method") <= 50),
  "collection_source" TEXT CHECK (length("collection_source") <= 200),
  "force_refresh" INTEGER NOT NULL DEFAULT 0 CHECK ("force_refresh" IN (0, 1)),
  "cache_hit" INTEGER CHECK ("cache_hit" IN (0, 1)),
  "operations" INTEGER NOT NULL DEFAULT 1,
  "duration_ms" INTEGER,
  "cpu_us" INTEGER,
  "ssh_command_count" INTEGER,
  "data_size_bytes" INTEGER,
  "status" TEXT NOT NULL CHECK (length("status") <= 20),
  "error_message" TEXT,
  "warnings" TEXT CHECK ("warnings" IS NULL OR json_valid("warnings")),
  "records_created" INTEGER,
  "records_updated" INTEGER,
  "freshness_threshold" INTEGER,
  CONSTRAINT "pk_data_collection_audit" PRIMARY KEY ("device_id", "time", "operation_id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "ix_data_collection_audit_status" ON "data_collection_audit" ("status", "time");

CREATE TABLE "service_performance_metrics" (
  "instance_id" TEXT NOT NULL CHECK (length("instance_id") <= 255),
  "service_name" TEXT NOT NULL CHECK (length("service_name") <= 100),
  "time" INTEGER NOT NULL,
  "operations_total" INTEGER NOT NULL DEFAULT 0,
  "operations_successful" INTEGER NOT NULL DEFAULT 0,
  "operations_failed" INTEGER NOT NULL DEFAULT 0,
  "operations_cached" INTEGER,
  "avg_duration_ms" REAL,
  "max_duration_ms" INTEGER,
  "min_duration_ms" INTEGER,
  "ssh_connections_created" INTEGER,
  "ssh_connections_reused" INTEGER,
  "ssh_commands_executed" INTEGER,
  "cache_hit_ratio" REAL,
  "cache_size_entries" INTEGER,
  "cache_evictions" INTEGER,
  "data_collected_bytes" INTEGER,
  "database_writes" INTEGER,
  "error_types" TEXT CHECK ("error_types" IS NULL OR json_valid("error_types")),
  "top_errors" TEXT CHECK ("top_errors" IS NULL OR json_valid("top_errors")),
  CONSTRAINT "pk_service_performance_metrics" PRIMARY KEY ("instance_id", "service_name", "time"),
  CONSTRAINT "ck_service_performance_metrics_ratio" CHECK (cache_hit_ratio BETWEEN 0 AND 1)
) STRICT, WITHOUT ROWID;
