-- 0010 datasets, sqlite
-- checksum 935bdb44522780a2380a42da59830a9a6f303a5a275f9a3d49e331bc32b571af

CREATE TABLE "datasets" (
  "dataset_id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "plugin_id" TEXT NOT NULL CHECK (length("plugin_id") <= 100),
  "name" TEXT NOT NULL CHECK (length("name") <= 63),
  "table_name" TEXT NOT NULL CHECK (length("table_name") <= 63),
  "version" INTEGER NOT NULL CHECK ("version" BETWEEN -2147483648 AND 2147483647),
  "spec" TEXT NOT NULL CHECK (json_valid("spec")),
  "spec_hash" BLOB NOT NULL CHECK (length("spec_hash") = 32),
  "state" TEXT NOT NULL CHECK (length("state") <= 16),
  "problem" TEXT,
  "storage" TEXT NOT NULL CHECK (length("storage") <= 16),
  "retention_seconds" INTEGER,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  CONSTRAINT "uq_datasets_name" UNIQUE ("name"),
  CONSTRAINT "uq_datasets_table_name" UNIQUE ("table_name"),
  CONSTRAINT "ck_datasets_state" CHECK (state IN ('declared', 'planned', 'applied', 'deprecated', 'blocked'))
) STRICT;

CREATE TABLE "dataset_changes" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "dataset_id" INTEGER NOT NULL,
  "time" INTEGER NOT NULL,
  "from_version" INTEGER CHECK ("from_version" BETWEEN -2147483648 AND 2147483647),
  "to_version" INTEGER NOT NULL CHECK ("to_version" BETWEEN -2147483648 AND 2147483647),
  "change_kind" TEXT NOT NULL CHECK (length("change_kind") <= 32),
  "decision" TEXT NOT NULL CHECK (length("decision") <= 16),
  "reason" TEXT,
  "sql_text" TEXT,
  "actor" TEXT NOT NULL CHECK (length("actor") <= 128),
  CONSTRAINT "fk_dataset_changes_dataset_id" FOREIGN KEY ("dataset_id") REFERENCES "datasets" ("dataset_id") ON DELETE CASCADE
) STRICT;

CREATE INDEX "ix_dataset_changes_dataset" ON "dataset_changes" ("dataset_id", "time");
