-- 0004 compatibility, mariadb
-- checksum 37d51251450a8ed11129960a40c2ae7b257eec7dafc1cc2a5e0a82582248261a

ALTER TABLE `schema_migrations`
  ADD COLUMN `breaking` BOOLEAN NOT NULL DEFAULT 0;

CREATE SQL SECURITY INVOKER VIEW `alembic_version` AS
SELECT max(seq) AS version_num FROM schema_migrations WHERE state = 'done';
