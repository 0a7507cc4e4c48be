-- 0006 alerts, mariadb
-- checksum 971aefc16198f33745872c81be18cd0d91c0774d5b727f7a47f7f95a68e641ac

CREATE TABLE `alert_rules` (
  `id` BINARY(16) NOT NULL,
  `plugin_id` VARCHAR(100),
  `name` VARCHAR(200) NOT NULL,
  `description` MEDIUMTEXT,
  `metric_type` VARCHAR(200),
  `threshold` DOUBLE,
  `condition` JSON NOT NULL,
  `severity` VARCHAR(20) NOT NULL,
  `channels` JSON,
  `enabled` BOOLEAN NOT NULL DEFAULT 1,
  `created_at` BIGINT NOT NULL,
  `updated_at` BIGINT NOT NULL,
  `row_version` INT NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  CONSTRAINT `uq_alert_rules_name` UNIQUE (`name`),
  CONSTRAINT `fk_alert_rules_plugin_id` FOREIGN KEY (`plugin_id`) REFERENCES `plugins` (`plugin_id`) ON DELETE SET NULL,
  CONSTRAINT `ck_alert_rules_severity` CHECK (severity IN ('low', 'medium', 'high', 'critical'))
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `alert_history` (
  `alert_id` BINARY(16) NOT NULL,
  `time` BIGINT NOT NULL,
  `event_seq` BIGINT NOT NULL,
  `triggered` BOOLEAN NOT NULL,
  `value` JSON,
  `message` MEDIUMTEXT,
  PRIMARY KEY (`alert_id`, `time`, `event_seq`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
PARTITION BY RANGE (`time`) (PARTITION `p_floor` VALUES LESS THAN (1767225600000000));

CREATE TABLE `incidents` (
  `id` BINARY(16) NOT NULL,
  `title` VARCHAR(300) NOT NULL,
  `description` MEDIUMTEXT,
  `severity` VARCHAR(20) NOT NULL,
  `status` VARCHAR(20) NOT NULL DEFAULT 'open',
  `source` VARCHAR(100) NOT NULL,
  `dedupe_key` VARCHAR(200) NOT NULL,
  `open_key` VARCHAR(200),
  `metadata` JSON,
  `created_at` BIGINT NOT NULL,
  `updated_at` BIGINT NOT NULL,
  `resolved_at` BIGINT,
  `closed_at` BIGINT,
  `row_version` INT NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  CONSTRAINT `uq_incidents_open_key` UNIQUE (`open_key`),
  CONSTRAINT `ck_incidents_status` CHECK (status IN ('open', 'investigating', 'resolved', 'closed')),
  CONSTRAINT `ck_incidents_severity` CHECK (severity IN ('low', 'medium', 'high', 'critical'))
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX `ix_incidents_source` ON `incidents` (`source`, `created_at`);

CREATE INDEX `ix_incidents_created` ON `incidents` (`created_at`, `id`);

CREATE TABLE `alert_notifications` (
  `id` BINARY(16) NOT NULL,
  `incident_id` BINARY(16) NOT NULL,
  `alert_id` BINARY(16),
  `channel` VARCHAR(50) NOT NULL,
  `idempotency_key` VARCHAR(100) NOT NULL,
  `status` VARCHAR(20) NOT NULL DEFAULT 'pending',
  `attempts` INT NOT NULL DEFAULT 0,
  `next_attempt_at` BIGINT,
  `last_error` MEDIUMTEXT,
  `sent_at` BIGINT,
  `created_at` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `uq_alert_notifications_idempotency_key` UNIQUE (`idempotency_key`),
  CONSTRAINT `fk_alert_notifications_incident_id` FOREIGN KEY (`incident_id`) REFERENCES `incidents` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX `ix_alert_notifications_due` ON `alert_notifications` (`status`, `next_attempt_at`);

CREATE SQL SECURITY INVOKER VIEW `alerts` AS
SELECT `id`, `plugin_id`, `name`, `description`, `condition`, `severity`, `enabled`,
       `created_at`, `updated_at`
FROM `alert_rules`;
