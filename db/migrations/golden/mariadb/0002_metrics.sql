-- 0002 metrics, mariadb
-- checksum 2203715e0f4d0807630ef19083a1ed6af6c1741839665f366f78511cc980c15c

CREATE TABLE `metric_sources` (
  `source_id` BIGINT NOT NULL AUTO_INCREMENT,
  `device_id` BIGINT NOT NULL,
  `plugin_id` VARCHAR(100) NOT NULL,
  `instance` VARCHAR(200) NOT NULL,
  `tags` JSON NOT NULL,
  `tags_hash` BINARY(32) NOT NULL,
  PRIMARY KEY (`source_id`),
  CONSTRAINT `uq_metric_sources_identity` UNIQUE (`device_id`, `plugin_id`, `instance`, `tags_hash`),
  CONSTRAINT `fk_metric_sources_device_id` FOREIGN KEY (`device_id`) REFERENCES `devices` (`device_id`) ON DELETE RESTRICT
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `metric_series` (
  `series_id` BIGINT NOT NULL AUTO_INCREMENT,
  `source_id` BIGINT NOT NULL,
  `position` INT,
  `metric_name` VARCHAR(200) NOT NULL,
  `field` VARCHAR(200) NOT NULL,
  `unit` VARCHAR(32),
  `kind` VARCHAR(16) NOT NULL DEFAULT 'gauge',
  PRIMARY KEY (`series_id`),
  CONSTRAINT `uq_metric_series_position` UNIQUE (`source_id`, `position`),
  CONSTRAINT `uq_metric_series_name` UNIQUE (`source_id`, `metric_name`, `field`),
  CONSTRAINT `fk_metric_series_source_id` FOREIGN KEY (`source_id`) REFERENCES `metric_sources` (`source_id`) ON DELETE CASCADE,
  CONSTRAINT `ck_metric_series_kind` CHECK (kind IN ('gauge', 'counter', 'rate', 'bool', 'text')),
  CONSTRAINT `ck_metric_series_position` CHECK (position >= 0)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX `ix_metric_series_metric` ON `metric_series` (`metric_name`, `source_id`);

CREATE TABLE `metric_frames` (
  `source_id` BIGINT NOT NULL,
  `time` BIGINT NOT NULL,
  `vals` MEDIUMTEXT NOT NULL,
  `doc` JSON,
  PRIMARY KEY (`source_id`, `time`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
PARTITION BY RANGE (`time`) (PARTITION `p_floor` VALUES LESS THAN (1767225600000000));

CREATE SQL SECURITY INVOKER VIEW `plugin_metrics` AS
-- One row per source, moment and metric.
-- JSON_EXTRACT passes the digits on as they were stored, but gives a JSON null for one in vals;
-- JSON_VALUE gives NULL. JSON_QUERY finds names that JSON_EXTRACT does not (an escape after a letter
-- beyond ASCII). What is JSON by its type compares as utf8mb4_bin, other texts do not.
SELECT
  DATE_FORMAT(TIMESTAMPADD(MICROSECOND, f.time, TIMESTAMP'1970-01-01 00:00:00'),
              '%Y-%m-%dT%H:%i:%s.%fZ') AS time,
  s.plugin_id AS plugin_id,
  m.metric_name AS metric_name,
  JSON_MERGE_PATCH(
    COALESCE((SELECT JSON_OBJECTAGG(n.field, JSON_EXTRACT(f.vals, CONCAT('$[', n.position, ']')))
                FROM metric_series n
               WHERE n.source_id = m.source_id AND n.metric_name = m.metric_name
                 AND JSON_VALUE(f.vals, CONCAT('$[', n.position, ']')) IS NOT NULL), '{}') COLLATE utf8mb4_bin,
    COALESCE(JSON_QUERY(f.doc, CONCAT('$.', JSON_QUOTE(m.metric_name))), '{}')) AS value,
  s.tags AS tags,
  s.instance AS instance,
  d.hostname AS device,
  f.time AS time_us
FROM (SELECT DISTINCT source_id, metric_name FROM metric_series) m
JOIN metric_sources s ON s.source_id = m.source_id
JOIN devices d ON d.device_id = s.device_id
JOIN metric_frames f ON f.source_id = m.source_id
WHERE EXISTS (SELECT 1 FROM metric_series n
               WHERE n.source_id = m.source_id AND n.metric_name = m.metric_name
                 AND JSON_VALUE(f.vals, CONCAT('$[', n.position, ']')) IS NOT NULL)
   OR JSON_EXISTS(f.doc, CONCAT('$.', JSON_QUOTE(m.metric_name)));
