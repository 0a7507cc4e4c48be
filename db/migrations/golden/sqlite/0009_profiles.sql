-- 0009 profiles, sqlite
-- checksum 5c2b478ac9c0e8174145bc65effa4cb44e4fd8134d3fe74d49036bcfe2a1867b

CREATE TABLE "connector_profiles" (
  "id" TEXT NOT NULL CHECK (length("id") <= 255),
  "profile_data" TEXT NOT NULL CHECK (json_valid("profile_data")),
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL DEFAULT 1 CHECK ("row_version" BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT "pk_connector_profiles" PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "client_configs" (
  "id" TEXT NOT NULL CHECK (length("id") <= 255),
  "config_data" TEXT NOT NULL CHECK (json_valid("config_data")),
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL DEFAULT 1 CHECK ("row_version" BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT "pk_client_configs" PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "service_proposals" (
  "id" TEXT NOT NULL CHECK (length("id") <= 255),
  "proposal_data" TEXT NOT NULL CHECK (json_valid("proposal_data")),
  "status" TEXT NOT NULL DEFAULT 'draft' CHECK (length("status") <= 20),
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL DEFAULT 1 CHECK ("row_version" BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT "pk_service_proposals" PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "cache_metadata" (
  "key_hash" BLOB NOT NULL CHECK (length("key_hash") = 32),
  "cache_key" TEXT NOT NULL,
  "device_id" INTEGER,
  "data_type" TEXT NOT NULL CHECK (length("data_type") <= 50),
  "created_at" INTEGER NOT NULL,
  "last_accessed" INTEGER NOT NULL,
  "expires_at" INTEGER NOT NULL,
  "access_count" INTEGER NOT NULL DEFAULT 1,
  "data_size_bytes" INTEGER,
  "ttl_seconds" INTEGER NOT NULL CHECK ("ttl_seconds" BETWEEN -2147483648 AND 2147483647),
  "invalidated" INTEGER NOT NULL DEFAULT 0 CHECK ("invalidated" IN (0, 1)),
  "invalidated_at" INTEGER,
  "invalidation_reason" TEXT CHECK (length("invalidation_reason") <= 100),
  "collection_method" TEXT CHECK (length("collection_method") <= 50),
  "command_hash" TEXT CHECK (length("command_hash") <= 64),
  CONSTRAINT "pk_cache_metadata" PRIMARY KEY ("key_hash"),
  CONSTRAINT "fk_cache_metadata_device_id" FOREIGN KEY ("device_id") REFERENCES "devices" ("device_id") ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "ix_cache_metadata_expires" ON "cache_metadata" ("expires_at");

CREATE INDEX "ix_cache_metadata_device" ON "cache_metadata" ("device_id", "data_type");
