-- 0003 audit, timescaledb
-- checksum c43f1b9f193978fa271e55fcab348e651f6128aadee691d76853772df784e826

CREATE TABLE "data_collection_audit" (
  "device_id" BIGINT NOT NULL,
  "time" TIMESTAMPTZ NOT NULL,
  "operation_id" UUID NOT NULL,
  "data_type" VARCHAR(100) NOT NULL,
  "collection_method" VARCHAR(50) NOT NULL,
  "collection_source" VARCHAR(200),
  "force_refresh" BOOLEAN NOT NULL DEFAULT FALSE,
  "cache_hit" BOOLEAN,
  "operations" BIGINT NOT NULL DEFAULT 1,
  "duration_ms" BIGINT,
  "cpu_us" BIGINT,
  "ssh_command_count" BIGINT,
  "data_size_bytes" BIGINT,
  "status" VARCHAR(20) NOT NULL,
  "error_message" TEXT,
  "warnings" JSONB,
  "records_created" BIGINT,
  "records_updated" BIGINT,
  "freshness_threshold" BIGINT,
  CONSTRAINT "pk_data_collection_audit" PRIMARY KEY ("device_id", "time", "operation_id")
);

SELECT create_hypertable('"data_collection_audit"', 'time',
  chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE);

CREATE INDEX "ix_data_collection_audit_status" ON "data_collection_audit" ("status", "time");

CREATE TABLE "service_performance_metrics" (
  "instance_id" VARCHAR(255) NOT NULL,
  "service_name" VARCHAR(100) NOT NULL,
  "time" TIMESTAMPTZ NOT NULL,
  "operations_total" BIGINT NOT NULL DEFAULT 0,
  "operations_successful" BIGINT NOT NULL DEFAULT 0,
  "operations_failed" BIGINT NOT NULL DEFAULT 0,
  "operations_cached" BIGINT,
  "avg_duration_ms" DOUBLE PRECISION,
  "max_duration_ms" BIGINT,
  "min_duration_ms" BIGINT,
  "ssh_connections_created" BIGINT,
  "ssh_connections_reused" BIGINT,
  "ssh_commands_executed" BIGINT,
  "cache_hit_ratio" DOUBLE PRECISION,
  "cache_size_entries" BIGINT,
  "cache_evictions" BIGINT,
  "data_collected_bytes" BIGINT,
  "database_writes" BIGINT,
  "error_types" JSONB,
  "top_errors" JSONB,
  CONSTRAINT "pk_service_performance_metrics" PRIMARY KEY ("instance_id", "service_name", "time"),
  CONSTRAINT "ck_service_performance_metrics_ratio" CHECK (cache_hit_ratio BETWEEN 0 AND 1)
);

SELECT create_hypertable('"service_performance_metrics"', 'time',
  chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE);
