-- 0007 events, mariadb
-- checksum 4142517f276ac2473b77e4329b69e37ed1bd2e94a73c4d749cc82b8b7280dd15

CREATE TABLE `raw_events` (
  `source` VARCHAR(100) NOT NULL,
  `topic` VARCHAR(200) NOT NULL,
  `partition_no` INT NOT NULL,
  `offset_no` BIGINT NOT NULL,
  `created_at` BIGINT NOT NULL,
  `level` VARCHAR(16),
  `device_id` BIGINT,
  `data` JSON NOT NULL,
  PRIMARY KEY (`topic`, `partition_no`, `offset_no`, `created_at`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
PARTITION BY RANGE (`created_at`) (PARTITION `p_floor` VALUES LESS THAN (1767225600000000));

CREATE INDEX `ix_raw_events_topic` ON `raw_events` (`topic`, `created_at`);

CREATE INDEX `ix_raw_events_level` ON `raw_events` (`level`, `created_at`);

CREATE TABLE `metrics_agg` (
  `window_key` VARCHAR(200) NOT NULL,
  `metric_type` VARCHAR(100) NOT NULL,
  `window_seconds` INT NOT NULL,
  `window_start` BIGINT NOT NULL,
  `value` DOUBLE NOT NULL,
  `sample_count` BIGINT NOT NULL,
  `metadata` JSON,
  `updated_at` BIGINT NOT NULL,
  PRIMARY KEY (`window_key`, `metric_type`, `window_seconds`, `window_start`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX `ix_metrics_agg_start` ON `metrics_agg` (`window_start`);

CREATE SQL SECURITY INVOKER VIEW `telemetry_events` AS
SELECT `created_at` AS `time`, `topic`, `level`, `device_id`, `data`, `partition_no`, `offset_no`
FROM `raw_events`
WHERE `source` = 'telemetry';
