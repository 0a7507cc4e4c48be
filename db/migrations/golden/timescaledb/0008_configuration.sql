-- 0008 configuration, timescaledb
-- checksum 7ac5771344e73eac9086f06e4b8c10c8c0793595a17c074778ff303a2708de2e

CREATE TABLE "config_blobs" (
  "content_hash" BYTEA NOT NULL CHECK (octet_length("content_hash") = 32),
  "size_bytes" BIGINT NOT NULL,
  "encoding" VARCHAR(16) NOT NULL DEFAULT 'raw',
  "content" BYTEA NOT NULL,
  "first_seen" TIMESTAMPTZ NOT NULL,
  "ref_count" BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT "pk_config_blobs" PRIMARY KEY ("content_hash")
);

CREATE TABLE "configuration_snapshots" (
  "id" UUID NOT NULL,
  "time" TIMESTAMPTZ NOT NULL,
  "device_id" BIGINT NOT NULL,
  "config_type" VARCHAR(50) NOT NULL,
  "file_path" VARCHAR(1024) NOT NULL,
  "path_hash" BYTEA NOT NULL CHECK (octet_length("path_hash") = 32),
  "content_hash" BYTEA NOT NULL CHECK (octet_length("content_hash") = 32),
  "file_size_bytes" BIGINT,
  "parsed_data" JSONB,
  "change_type" VARCHAR(20) NOT NULL,
  "previous_hash" BYTEA CHECK (octet_length("previous_hash") = 32),
  "file_modified_time" TIMESTAMPTZ,
  "collection_source" VARCHAR(50) NOT NULL,
  "detection_latency_ms" BIGINT,
  "affected_services" JSONB,
  "requires_restart" BOOLEAN NOT NULL DEFAULT FALSE,
  "risk_level" VARCHAR(20) NOT NULL DEFAULT 'MEDIUM',
  CONSTRAINT "pk_configuration_snapshots" PRIMARY KEY ("id", "time"),
  CONSTRAINT "uq_configuration_snapshots_path_time" UNIQUE ("device_id", "path_hash", "time")
);

SELECT create_hypertable('"configuration_snapshots"', 'time',
  chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE);

CREATE INDEX "ix_configuration_snapshots_time" ON "configuration_snapshots" ("time", "id");

CREATE TABLE "configuration_current" (
  "device_id" BIGINT NOT NULL,
  "path_hash" BYTEA NOT NULL CHECK (octet_length("path_hash") = 32),
  "file_path" VARCHAR(1024) NOT NULL,
  "config_type" VARCHAR(50) NOT NULL,
  "content_hash" BYTEA CHECK (octet_length("content_hash") = 32),
  "snapshot_id" UUID NOT NULL,
  "snapshot_time" TIMESTAMPTZ NOT NULL,
  "deleted" BOOLEAN NOT NULL DEFAULT FALSE,
  CONSTRAINT "pk_configuration_current" PRIMARY KEY ("device_id", "path_hash"),
  CONSTRAINT "fk_configuration_current_device_id" FOREIGN KEY ("device_id") REFERENCES "devices" ("device_id") ON DELETE CASCADE,
  CONSTRAINT "fk_configuration_current_content" FOREIGN KEY ("content_hash") REFERENCES "config_blobs" ("content_hash") ON DELETE RESTRICT
);

CREATE TABLE "configuration_change_events" (
  "id" UUID NOT NULL,
  "time" TIMESTAMPTZ NOT NULL,
  "device_id" BIGINT NOT NULL,
  "snapshot_id" UUID NOT NULL,
  "snapshot_time" TIMESTAMPTZ NOT NULL,
  "config_type" VARCHAR(50) NOT NULL,
  "file_path" VARCHAR(1024) NOT NULL,
  "change_type" VARCHAR(20) NOT NULL,
  "affected_services" JSONB,
  "service_dependencies" JSONB,
  "requires_restart" BOOLEAN NOT NULL DEFAULT FALSE,
  "restart_services" JSONB,
  "changes_summary" JSONB,
  "risk_level" VARCHAR(20) NOT NULL DEFAULT 'MEDIUM',
  "confidence_score" DOUBLE PRECISION,
  "processed" BOOLEAN NOT NULL DEFAULT FALSE,
  "notifications_sent" JSONB,
  CONSTRAINT "pk_configuration_change_events" PRIMARY KEY ("id", "time")
);

SELECT create_hypertable('"configuration_change_events"', 'time',
  chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE);

CREATE INDEX "ix_configuration_change_events_todo" ON "configuration_change_events" ("processed", "time");

CREATE INDEX "ix_configuration_change_events_time" ON "configuration_change_events" ("time", "id");

CREATE INDEX "ix_configuration_change_events_snapshot" ON "configuration_change_events" ("snapshot_id");

CREATE VIEW "proxy_config" AS
SELECT "device_id", "file_path", "content_hash", "snapshot_id", "snapshot_time", "deleted"
FROM "configuration_current"
WHERE "config_type" = 'proxy';
