-- 0008 configuration, mariadb
-- checksum 7ac5771344e73eac9086f06e4b8c10c8c0793595a17c074778ff303a2708de2e

CREATE TABLE `config_blobs` (
  `content_hash` BINARY(32) NOT NULL,
  `size_bytes` BIGINT NOT NULL,
  `encoding` VARCHAR(16) NOT NULL DEFAULT 'raw',
  `content` LONGBLOB NOT NULL,
  `first_seen` BIGINT NOT NULL,
  `ref_count` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`content_hash`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `configuration_snapshots` (
  `id` BINARY(16) NOT NULL,
  `time` BIGINT NOT NULL,
  `device_id` BIGINT NOT NULL,
  `config_type` VARCHAR(50) NOT NULL,
  `file_path` VARCHAR(1024) NOT NULL,
  `path_hash` BINARY(32) NOT NULL,
  `content_hash` BINARY(32) NOT NULL,
  `file_size_bytes` BIGINT,
  `parsed_data` JSON,
  `change_type` VARCHAR(20) NOT NULL,
  `previous_hash` BINARY(32),
  `file_modified_time` BIGINT,
  `collection_source` VARCHAR(50) NOT NULL,
  `detection_latency_ms` BIGINT,
  `affected_services` JSON,
  `requires_restart` BOOLEAN NOT NULL DEFAULT 0,
  `risk_level` VARCHAR(20) NOT NULL DEFAULT 'MEDIUM',
  PRIMARY KEY (`id`, `time`),
  CONSTRAINT `uq_configuration_snapshots_path_time` UNIQUE (`device_id`, `path_hash`, `time`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
PARTITION BY RANGE (`time`) (PARTITION `p_floor` VALUES LESS THAN (1767225600000000));

CREATE INDEX `ix_configuration_snapshots_time` ON `configuration_snapshots` (`time`, `id`);

CREATE TABLE `configuration_current` (
  `device_id` BIGINT NOT NULL,
  `path_hash` BINARY(32) NOT NULL,
  `file_path` VARCHAR(1024) NOT NULL,
  `config_type` VARCHAR(50) NOT NULL,
  `content_hash` BINARY(32),
  `snapshot_id` BINARY(16) NOT NULL,
  `snapshot_time` BIGINT NOT NULL,
  `deleted` BOOLEAN NOT NULL DEFAULT 0,
  PRIMARY KEY (`device_id`, `path_hash`),
  CONSTRAINT `fk_configuration_current_device_id` FOREIGN KEY (`device_id`) REFERENCES `devices` (`device_id`) ON DELETE CASCADE,
  CONSTRAINT `fk_configuration_current_content` FOREIGN KEY (`content_hash`) REFERENCES `config_blobs` (`content_hash`) ON DELETE RESTRICT
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `configuration_change_events` (
  `id` BINARY(16) NOT NULL,
  `time` BIGINT NOT NULL,
  `device_id` BIGINT NOT NULL,
  `snapshot_id` BINARY(16) NOT NULL,
  `snapshot_time` BIGINT NOT NULL,
  `config_type` VARCHAR(50) NOT NULL,
  `file_path` VARCHAR(1024) NOT NULL,
  `change_type` VARCHAR(20) NOT NULL,
  `affected_services` JSON,
  `service_dependencies` JSON,
  `requires_restart` BOOLEAN NOT NULL DEFAULT 0,
  `restart_services` JSON,
  `changes_summary` JSON,
  `risk_level` VARCHAR(20) NOT NULL DEFAULT 'MEDIUM',
  `confidence_score` DOUBLE,
  `processed` BOOLEAN NOT NULL DEFAULT 0,
  `notifications_sent` JSON,
  PRIMARY KEY (`id`, `time`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
PARTITION BY RANGE (`time`) (PARTITION `p_floor` VALUES LESS THAN (1767225600000000));

CREATE INDEX `ix_configuration_change_events_todo` ON `configuration_change_events` (`processed`, `time`);

CREATE INDEX `ix_configuration_change_events_time` ON `configuration_change_events` (`time`, `id`);

CREATE INDEX `ix_configuration_change_events_snapshot` ON `configuration_change_events` (`snapshot_id`);

CREATE SQL SECURITY INVOKER VIEW `proxy_config` AS
SELECT `device_id`, `file_path`, `content_hash`, `snapshot_id`, `snapshot_time`, `deleted`
FROM `configuration_current`
WHERE `config_type` = 'proxy';
