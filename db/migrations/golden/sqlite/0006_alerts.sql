-- 0006 alerts, sqlite
-- checksum 591654aa2017999c2320a1ef3c8aeb50556585d9cba21515aa4da2c314517988

CREATE TABLE "alert_rules" (
  "id" BLOB NOT NULL CHECK (length("id") = 16),
  "plugin_id" TEXT CHECK (length("plugin_id") <= 100),
  "name" TEXT NOT NULL CHECK (length("name") <= 200),
  "description" TEXT,
  "metric_type" TEXT CHECK (length("metric_type") <= 200),
  "threshold" REAL,
  "condition" TEXT NOT NULL CHECK (json_valid("condition")),
  "severity" TEXT NOT NULL CHECK (length("severity") <= 20),
  "channels" TEXT CHECK ("channels" IS NULL OR json_valid("channels")),
  "enabled" INTEGER NOT NULL DEFAULT 1 CHECK ("enabled" IN (0, 1)),
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL DEFAULT 1 CHECK ("row_version" BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT "pk_alert_rules" PRIMARY KEY ("id"),
  CONSTRAINT "uq_alert_rules_name" UNIQUE ("name"),
  CONSTRAINT "fk_alert_rules_plugin_id" FOREIGN KEY ("plugin_id") REFERENCES "plugins" ("plugin_id") ON DELETE SET NULL,
  CONSTRAINT "ck_alert_rules_severity" CHECK (severity IN ('low', 'medium', 'high', 'critical'))
) STRICT, WITHOUT ROWID;

CREATE TABLE "alert_history" (
  "alert_id" BLOB NOT NULL CHECK (length("alert_id") = 16),
  "time" INTEGER NOT NULL,
  "event_seq" INTEGER NOT NULL,
  "triggered" INTEGER NOT NULL CHECK ("triggered" IN (0, 1)),
  "value" TEXT CHECK ("value" IS NULL OR json_valid("value")),
  "message" TEXT,
  CONSTRAINT "pk_alert_history" PRIMARY KEY ("alert_id", "time", "event_seq")
) STRICT, WITHOUT ROWID;

CREATE TABLE "incidents" (
  "id" BLOB NOT NULL CHECK (length("id") = 16),
  "title" TEXT NOT NULL CHECK (length("title") <= 300),
  "description" TEXT,
  "severity" TEXT NOT NULL CHECK (length("severity") <= 20),
  "status" TEXT NOT NULL DEFAULT 'open' CHECK (length("status") <= 20),
  "source" TEXT NOT NULL CHECK (length("source") <= 100),
  "dedupe_key" TEXT NOT NULL CHECK (length("dedupe_key") <= 200),
  "open_key" TEXT CHECK (length("open_key") <= 200),
  "metadata" TEXT CHECK ("metadata" IS NULL OR json_valid("metadata")),
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "resolved_at" INTEGER,
  "closed_at" INTEGER,
  "row_version" INTEGER NOT NULL DEFAULT 1 CHECK ("row_version" BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT "pk_incidents" PRIMARY KEY ("id"),
  CONSTRAINT "uq_incidents_open_key" UNIQUE ("open_key"),
  CONSTRAINT "ck_incidents_status" CHECK (status IN ('open', 'investigating', 'resolved', 'closed')),
  CONSTRAINT "ck_incidents_severity" CHECK (severity IN ('low', 'medium', 'high', 'critical'))
) STRICT, WITHOUT ROWID;

CREATE INDEX "ix_incidents_source" ON "incidents" ("source", "created_at");

CREATE INDEX "ix_incidents_created" ON "incidents" ("created_at", "id");

CREATE TABLE "alert_notifications" (
  "id" BLOB NOT NULL CHECK (length("id") = 16),
  "incident_id" BLOB NOT NULL CHECK (length("incident_id") = 16),
  "alert_id" BLOB CHECK (length("alert_id") = 16),
  "channel" TEXT NOT NULL CHECK (length("channel") <= 50),
  "idempotency_key" TEXT NOT NULL CHECK (length("idempotency_key") <= 100),
  "status" TEXT NOT NULL DEFAULT 'pending' CHECK (length("status") <= 20),
  "attempts" INTEGER NOT NULL DEFAULT 0 CHECK ("attempts" BETWEEN -2147483648 AND 2147483647),
  "next_attempt_at" INTEGER,
  "last_error" TEXT,
  "sent_at" INTEGER,
  "created_at" INTEGER NOT NULL,
  CONSTRAINT "pk_alert_notifications" PRIMARY KEY ("id"),
  CONSTRAINT "uq_alert_notifications_idempotency_key" UNIQUE ("idempotency_key"),
  CONSTRAINT "fk_alert_notifications_incident_id" FOREIGN KEY ("incident_id") REFERENCES "incidents" ("id") ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "ix_alert_notifications_due" ON "alert_notifications" ("status", "next_attempt_at");

CREATE VIEW "alerts" AS
SELECT "id", "plugin_id", "name", "description", "condition", "severity", "enabled",
       "created_at", "updated_at"
FROM "alert_rules";
