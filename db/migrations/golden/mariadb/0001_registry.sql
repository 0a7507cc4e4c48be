-- 0001 registry, mariadb
-- checksum 75c122e0a2c9ac486bee0291d593058b04aaccb291e141bf019f1aef13518284

CREATE TABLE `devices` (
  `device_id` BIGINT NOT NULL AUTO_INCREMENT,
  `uid` BINARY(16) NOT NULL,
  `hostname` VARCHAR(255) NOT NULL,
  `machine_id` VARCHAR(64),
  `device_type` VARCHAR(50),
  `metadata` JSON,
  `last_successful_collection` BIGINT,
  `last_collection_status` VARCHAR(20),
  `created_at` BIGINT NOT NULL,
  `updated_at` BIGINT NOT NULL,
  `deleted_at` BIGINT,
  `row_version` INT NOT NULL DEFAULT 1,
  PRIMARY KEY (`device_id`),
  CONSTRAINT `uq_devices_uid` UNIQUE (`uid`),
  CONSTRAINT `uq_devices_hostname` UNIQUE (`hostname`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `plugins` (
  `id` BINARY(16) NOT NULL,
  `plugin_id` VARCHAR(100) NOT NULL,
  `name` VARCHAR(200) NOT NULL,
  `version` VARCHAR(50) NOT NULL,
  `description` MEDIUMTEXT,
  `category` VARCHAR(50),
  `enabled` BOOLEAN NOT NULL DEFAULT 0,
  `config` JSON,
  `manifest_hash` BINARY(32),
  `created_at` BIGINT NOT NULL,
  `updated_at` BIGINT NOT NULL,
  `row_version` INT NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  CONSTRAINT `uq_plugins_plugin_id` UNIQUE (`plugin_id`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `plugin_status` (
  `plugin_id` VARCHAR(100) NOT NULL,
  `last_run` BIGINT,
  `last_success` BIGINT,
  `last_error` MEDIUMTEXT,
  `error_count` BIGINT NOT NULL DEFAULT 0,
  `consecutive_errors` BIGINT NOT NULL DEFAULT 0,
  `health_status` VARCHAR(20) NOT NULL DEFAULT 'unknown',
  `updated_at` BIGINT NOT NULL,
  PRIMARY KEY (`plugin_id`),
  CONSTRAINT `fk_plugin_status_plugin_id` FOREIGN KEY (`plugin_id`) REFERENCES `plugins` (`plugin_id`) ON DELETE CASCADE
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
