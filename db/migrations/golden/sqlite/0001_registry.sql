-- 0001 registry, sqlite
-- checksum 75c122e0a2c9ac486bee0291d593058b04aaccb291e141bf019f1aef13518284

CREATE TABLE "devices" (
  "device_id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "uid" BLOB NOT NULL CHECK (length("uid") = 16),
  "hostname" TEXT NOT NULL CHECK (length("hostname") <= 255),
  "machine_id" TEXT CHECK (length("machine_id") <= 64),
  "device_type" TEXT CHECK (length("device_type") <= 50),
  "metadata" TEXT CHECK ("metadata" IS NULL OR json_valid("metadata")),
  "last_successful_collection" INTEGER,
  "last_collection_status" TEXT CHECK (length("last_collection_status") <= 20),
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "deleted_at" INTEGER,
  "row_version" INTEGER NOT NULL DEFAULT 1 CHECK ("row_version" BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT "uq_devices_uid" UNIQUE ("uid"),
  CONSTRAINT "uq_devices_hostname" UNIQUE ("hostname")
) STRICT;

CREATE TABLE "plugins" (
  "id" BLOB NOT NULL CHECK (length("id") = 16),
  "plugin_id" TEXT NOT NULL CHECK (length("plugin_id") <= 100),
  "name" TEXT NOT NULL CHECK (length("name") <= 200),
  "version" TEXT NOT NULL CHECK (length("version") <= 50),
  "description" TEXT,
  "category" TEXT CHECK (length("category") <= 50),
  "enabled" INTEGER NOT NULL DEFAULT 0 CHECK ("enabled" IN (0, 1)),
  "config" TEXT CHECK ("config" IS NULL OR json_valid("config")),
  "manifest_hash" BLOB CHECK (length("manifest_hash") = 32),
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL DEFAULT 1 CHECK ("row_version" BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT "pk_plugins" PRIMARY KEY ("id"),
  CONSTRAINT "uq_plugins_plugin_id" UNIQUE ("plugin_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "plugin_status" (
  "plugin_id" TEXT NOT NULL CHECK (length("plugin_id") <= 100),
  "last_run" INTEGER,
  "last_success" INTEGER,
  "last_error" TEXT,
  "error_count" INTEGER NOT NULL DEFAULT 0,
  "consecutive_errors" INTEGER NOT NULL DEFAULT 0,
  "health_status" TEXT NOT NULL DEFAULT 'unknown' CHECK (length("health_status") <= 20),
  "updated_at" INTEGER NOT NULL,
  CONSTRAINT "pk_plugin_status" PRIMARY KEY ("plugin_id"),
  CONSTRAINT "fk_plugin_status_plugin_id" FOREIGN KEY ("plugin_id") REFERENCES "plugins" ("plugin_id") ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
