-- 0006 alerts, timescaledb
-- checksum 971aefc16198f33745872c81be18cd0d91c0774d5b727f7a47f7f95a68e641ac

CREATE TABLE "alert_rules" (
  "id" UUID NOT NULL,
  "plugin_id" VARCHAR(100),
  "name" VARCHAR(200) NOT NULL,
  "description" TEXT,
  "metric_type" VARCHAR(200),
  "threshold" DOUBLE PRECISION,
  "condition" JSONB NOT NULL,
  "severity" VARCHAR(20) NOT NULL,
  "channels" JSONB,
  "enabled" BOOLEAN NOT NULL DEFAULT TRUE,
  "created_at" TIMESTAMPTZ NOT NULL,
  "updated_at" TIMESTAMPTZ NOT NULL,
  "row_version" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "pk_alert_rules" PRIMARY KEY ("id"),
  CONSTRAINT "uq_alert_rules_name" UNIQUE ("name"),
  CONSTRAINT "fk_alert_rules_plugin_id" FOREIGN KEY ("plugin_id") REFERENCES "plugins" ("plugin_id") ON DELETE SET NULL,
  CONSTRAINT "ck_alert_rules_severity" CHECK (severity IN ('low', 'medium', 'high', 'critical'))
);

CREATE TABLE "alert_history" (
  "alert_id" UUID NOT NULL,
  "time" TIMESTAMPTZ NOT NULL,
  "event_seq" BIGINT NOT NULL,
  "triggered" BOOLEAN NOT NULL,
  "value" JSONB,
  "message" TEXT,
  CONSTRAINT "pk_alert_history" PRIMARY KEY ("alert_id", "time", "event_seq")
);

SELECT create_hypertable('"alert_history"', 'time',
  chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE);

CREATE TABLE "incidents" (
  "id" UUID NOT NULL,
  "title" VARCHAR(300) NOT NULL,
  "description" TEXT,
  "severity" VARCHAR(20) NOT NULL,
  "status" VARCHAR(20) NOT NULL DEFAULT 'open',
  "source" VARCHAR(100) NOT NULL,
  "dedupe_key" VARCHAR(200) NOT NULL,
  "open_key" VARCHAR(200),
  "metadata" JSONB,
  "created_at" TIMESTAMPTZ NOT NULL,
  "updated_at" TIMESTAMPTZ NOT NULL,
  "resolved_at" TIMESTAMPTZ,
  "closed_at" TIMESTAMPTZ,
  "row_version" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "pk_incidents" PRIMARY KEY ("id"),
  CONSTRAINT "uq_incidents_open_key" UNIQUE ("open_key"),
  CONSTRAINT "ck_incidents_status" CHECK (status IN ('open', 'investigating', 'resolved', 'closed')),
  CONSTRAINT "ck_incidents_severity" CHECK (severity IN ('low', 'medium', 'high', 'critical'))
);

CREATE INDEX "ix_incidents_source" ON "incidents" ("source", "created_at");

CREATE INDEX "ix_incidents_created" ON "incidents" ("created_at", "id");

CREATE TABLE "alert_notifications" (
  "id" UUID NOT NULL,
  "incident_id" UUID NOT NULL,
  "alert_id" UUID,
  "channel" VARCHAR(50) NOT NULL,
  "idempotency_key" VARCHAR(100) NOT NULL,
  "status" VARCHAR(20) NOT NULL DEFAULT 'pending',
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "next_attempt_at" TIMESTAMPTZ,
  "last_error" TEXT,
  "sent_at" TIMESTAMPTZ,
  "created_at" TIMESTAMPTZ NOT NULL,
  CONSTRAINT "pk_alert_notifications" PRIMARY KEY ("id"),
  CONSTRAINT "uq_alert_notifications_idempotency_key" UNIQUE ("idempotency_key"),
  CONSTRAINT "fk_alert_notifications_incident_id" FOREIGN KEY ("incident_id") REFERENCES "incidents" ("id") ON DELETE CASCADE
);

CREATE INDEX "ix_alert_notifications_due" ON "alert_notifications" ("status", "next_attempt_at");

CREATE VIEW "alerts" AS
SELECT "id", "plugin_id", "name", "description", "condition", "severity", "enabled",
       "created_at", "updated_at"
FROM "alert_rules";
