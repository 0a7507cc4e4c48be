-- 0005 rollups, mariadb
-- checksum fcc1c686e806af270b4bb5844e43f398435600e322f24714d05eb94430800fe7

CREATE TABLE `metric_rollup_1h` (
  `series_id` BIGINT NOT NULL,
  `bucket` BIGINT NOT NULL,
  `n` BIGINT NOT NULL,
  `sum` DOUBLE NOT NULL,
  `min` DOUBLE NOT NULL,
  `max` DOUBLE NOT NULL,
  `last_time` BIGINT NOT NULL,
  `last_value` DOUBLE NOT NULL,
  PRIMARY KEY (`series_id`, `bucket`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `metric_rollup_1d` (
  `series_id` BIGINT NOT NULL,
  `bucket` BIGINT NOT NULL,
  `n` BIGINT NOT NULL,
  `sum` DOUBLE NOT NULL,
  `min` DOUBLE NOT NULL,
  `max` DOUBLE NOT NULL,
  `last_time` BIGINT NOT NULL,
  `last_value` DOUBLE NOT NULL,
  PRIMARY KEY (`series_id`, `bucket`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `rollup_dirty` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `tier` SMALLINT NOT NULL,
  `bucket` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `ck_rollup_dirty_tier` CHECK (tier IN (1, 2))
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX `ix_rollup_dirty_bucket` ON `rollup_dirty` (`tier`, `bucket`);

CREATE TABLE `retention_state` (
  `table_name` VARCHAR(64) NOT NULL,
  `floor_time` BIGINT NOT NULL,
  `raised_at` BIGINT NOT NULL,
  `dropped_before` BIGINT,
  PRIMARY KEY (`table_name`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `maintenance_jobs` (
  `job` VARCHAR(64) NOT NULL,
  `target` VARCHAR(64) NOT NULL DEFAULT '',
  `last_started` BIGINT,
  `last_finished` BIGINT,
  `last_success` BIGINT,
  `last_status` VARCHAR(16) NOT NULL DEFAULT 'never',
  `last_duration_ms` BIGINT,
  `next_due` BIGINT,
  `total_runs` BIGINT NOT NULL DEFAULT 0,
  `total_failures` BIGINT NOT NULL DEFAULT 0,
  `last_error` MEDIUMTEXT,
  PRIMARY KEY (`job`, `target`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
