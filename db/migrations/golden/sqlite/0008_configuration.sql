-- 0008 configuration, sqlite
-- checksum da84f7b9384afd1b44ffc0984ed468e6464fbbb4d2d29e3cce70e7223191155f

CREATE TABLE "config_blobs" (
  "content_hash" BLOB NOT NULL CHECK (length("content_hash") = 32),
  "size_bytes" INTEGER NOT NULL,
  "encoding" TEXT NOT NULL DEFAULT 'raw' CHECK (length("encoding") <= 16),
  "content" BLOB NOT NULL,
  "first_seen" INTEGER NOT NULL,
  "ref_count" INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT "pk_config_blobs" PRIMARY KEY ("content_hash")
) STRICT, WITHOUT ROWID;

CREATE TABLE "configuration_snapshots" (
  "id" BLOB NOT NULL CHECK (length("id") = 16),
  "time" INTEGER NOT NULL,
  "device_id" INTEGER NOT NULL,
  "config_type" TEXT NOT NULL CHECK (length("config_type") <= 50),
  "file_path" TEXT NOT NULL CHECK (length("file_path") <= 1024),
  "path_hash" BLOB NOT NULL CHECK (length("path_hash") = 32),
  "content_hash" BLOB NOT NULL CHECK (length("content_hash") = 32),
  "file_size_bytes" INTEGER,
  "parsed_data" TEXT CHECK ("parsed_data" IS NULL OR json_valid("parsed_data")),
  "change_type" TEXT NOT NULL CHECK (length("change_type") <= 20),
  "previous_hash" BLOB CHECK (length("previous_hash") = 32),
  "file_modified_time" INTEGER,
  "collection_source" TEXT NOT NULL CHECK (length("collection_source") <= 50),
  "detection_latency_ms" INTEGER,
  "affected_services" TEXT CHECK ("affected_services" IS NULL OR json_valid("affected_services")),
  "requires_restart" INTEGER NOT NULL DEFAULT 0 CHECK ("requires_restart" IN (0, 1)),
  "risk_level" TEXT NOT NULL DEFAULT 'MEDIUM' CHECK (length("risk_level") <= 20),
  CONSTRAINT "pk_configuration_snapshots" PRIMARY KEY ("id", "time"),
  CONSTRAINT "uq_configuration_snapshots_path_time" UNIQUE ("device_id", "path_hash", "time")
) STRICT, WITHOUT ROWID;

CREATE INDEX "ix_configuration_snapshots_time" ON "configuration_snapshots" ("time", "id");

CREATE TABLE "configuration_current" (
  "device_id" INTEGER NOT NULL,
  "path_hash" BLOB NOT NULL CHECK (length("path_hash") = 32),
  "file_path" TEXT NOT NULL CHECK (length("file_path") <= 1024),
  "config_type" TEXT NOT NULL CHECK (length("config_type") <= 50),
  "content_hash" BLOB CHECK (length("content_hash") = 32),
  "snapshot_id" BLOB NOT NULL CHECK (length("snapshot_id") = 16),
  "snapshot_time" INTEGER NOT NULL,
  "deleted" INTEGER NOT NULL DEFAULT 0 CHECK ("deleted" IN (0, 1)),
  CONSTRAINT "pk_configuration_current" PRIMARY KEY ("device_id", "path_hash"),
  CONSTRAINT "fk_configuration_current_device_id" FOREIGN KEY ("device_id") REFERENCES "devices" ("device_id") ON DELETE CASCADE,
  CONSTRAINT "fk_configuration_current_content" FOREIGN KEY ("content_hash") REFERENCES "config_blobs" ("content_hash") ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;

CREATE TABLE "configuration_change_events" (
  "id" BLOB NOT NULL CHECK (length("id") = 16),
  "time" INTEGER NOT NULL,
  "device_id" INTEGER NOT NULL,
  "snapshot_id" BLOB NOT NULL CHECK (length("snapshot_id") = 16),
  "snapshot_time" INTEGER NOT NULL,
  "config_type" TEXT NOT NULL CHECK (length("config_type") <= 50),
  "file_path" TEXT NOT NULL CHECK (length("file_path") <= 1024),
  "change_type" TEXT NOT NULL CHECK (length("change_type") <= 20),
  "affected_services" TEXT CHECK ("affected_services" IS NULL OR json_valid("affected_services")),
  "service_dependencies" TEXT CHECK ("service_dependencies" IS NULL OR json_valid("service_dependencies")),
  "requires_restart" INTEGER NOT NULL DEFAULT 0 CHECK ("requires_restart" IN (0, 1)),
  "restart_services" TEXT CHECK ("restart_services" IS NULL OR json_valid("restart_services")),
  "changes_summary" TEXT CHECK ("changes_summary" IS NULL OR json_valid("changes_summary")),
  "risk_level" TEXT NOT NULL DEFAULT 'MEDIUM' CHECK (length("risk_level") <= 20),
  "confidence_score" REAL,
  "processed" INTEGER NOT NULL DEFAULT 0 CHECK ("processed" IN (0, 1)),
  "notifications_sent" TEXT CHECK ("notifications_sent" IS NULL OR json_valid("notifications_sent")),
  CONSTRAINT "pk_configuration_change_events" PRIMARY KEY ("id", "time")
) STRICT, WITHOUT ROWID;

CREATE INDEX "ix_configuration_change_events_todo" ON "configuration_change_events" ("processed", "time");

CREATE INDEX "ix_configuration_change_events_time" ON "configuration_change_events" ("time", "id");

CREATE INDEX "ix_configuration_change_events_snapshot" ON "configuration_change_events" ("snapshot_id");

CREATE VIEW "proxy_config" AS
SELECT "device_id", "file_path", "content_hash", "snapshot_id", "snapshot_time", "deleted"
FROM "configuration_current"
WHERE "config_type" = 'proxy';
