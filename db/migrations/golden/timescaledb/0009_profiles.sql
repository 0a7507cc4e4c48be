-- 0009 profiles, timescaledb
-- checksum 5c2b478ac9c0e8174145bc65effa4cb44e4fd8134d3fe74d49036bcfe2a1867b

CREATE TABLE "connector_profiles" (
  "id" VARCHAR(255) NOT NULL,
  "profile_data" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ NOT NULL,
  "updated_at" TIMESTAMPTZ NOT NULL,
  "row_version" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "pk_connector_profiles" PRIMARY KEY ("id")
);

CREATE TABLE "client_configs" (
  "id" VARCHAR(255) NOT NULL,
  "config_data" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ NOT NULL,
  "updated_at" TIMESTAMPTZ NOT NULL,
  "row_version" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "pk_client_configs" PRIMARY KEY ("id")
);

CREATE TABLE "service_proposals" (
  "id" VARCHAR(255) NOT NULL,
  "proposal_data" JSONB NOT NULL,
  "status" VARCHAR(20) NOT NULL DEFAULT 'draft',
  "created_at" TIMESTAMPTZ NOT NULL,
  "updated_at" TIMESTAMPTZ NOT NULL,
  "row_version" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "pk_service_proposals" PRIMARY KEY ("id")
);

CREATE TABLE "cache_metadata" (
  "key_hash" BYTEA NOT NULL CHECK (octet_length("key_hash") = 32),
  "cache_key" TEXT NOT NULL,
  "device_id" BIGINT,
  "data_type" VARCHAR(50) NOT NULL,
  "created_at" TIMESTAMPTZ NOT NULL,
  "last_accessed" TIMESTAMPTZ NOT NULL,
  "expires_at" TIMESTAMPTZ NOT NULL,
  "access_count" BIGINT NOT NULL DEFAULT 1,
  "data_size_bytes" BIGINT,
  "ttl_seconds" INTEGER NOT NULL,
  "invalidated" BOOLEAN NOT NULL DEFAULT FALSE,
  "invalidated_at" TIMESTAMPTZ,
  "invalidation_reason" VARCHAR(100),
  "collection_method" VARCHAR(50),
  "command_hash" VARCHAR(64),
  CONSTRAINT "pk_cache_metadata" PRIMARY KEY ("key_hash"),
  CONSTRAINT "fk_cache_metadata_device_id" FOREIGN KEY ("device_id") REFERENCES "devices" ("device_id") ON DELETE CASCADE
);

CREATE INDEX "ix_cache_metadata_expires" ON "cache_metadata" ("expires_at");

CREATE INDEX "ix_cache_metadata_device" ON "cache_metadata" ("device_id", "data_type");
