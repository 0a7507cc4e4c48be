-- 0010 datasets, mariadb
-- checksum 935bdb44522780a2380a42da59830a9a6f303a5a275f9a3d49e331bc32b571af

CREATE TABLE `datasets` (
  `dataset_id` BIGINT NOT NULL AUTO_INCREMENT,
  `plugin_id` VARCHAR(100) NOT NULL,
  `name` VARCHAR(63) NOT NULL,
  `table_name` VARCHAR(63) NOT NULL,
  `version` INT NOT NULL,
  `spec` JSON NOT NULL,
  `spec_hash` BINARY(32) NOT NULL,
  `state` VARCHAR(16) NOT NULL,
  `problem` MEDIUMTEXT,
  `storage` VARCHAR(16) NOT NULL,
  `retention_seconds` BIGINT,
  `created_at` BIGINT NOT NULL,
  `updated_at` BIGINT NOT NULL,
  PRIMARY KEY (`dataset_id`),
  CONSTRAINT `uq_datasets_name` UNIQUE (`name`),
  CONSTRAINT `uq_datasets_table_name` UNIQUE (`table_name`),
  CONSTRAINT `ck_datasets_state` CHECK (state IN ('declared', 'planned', 'applied', 'deprecated', 'blocked'))
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `dataset_changes` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `dataset_id` BIGINT NOT NULL,
  `time` BIGINT NOT NULL,
  `from_version` INT,
  `to_version` INT NOT NULL,
  `change_kind` VARCHAR(32) NOT NULL,
  `decision` VARCHAR(16) NOT NULL,
  `reason` MEDIUMTEXT,
  `sql_text` MEDIUMTEXT,
  `actor` VARCHAR(128) NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `fk_dataset_changes_dataset_id` FOREIGN KEY (`dataset_id`) REFERENCES `datasets` (`dataset_id`) ON DELETE CASCADE
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX `ix_dataset_changes_dataset` ON `dataset_changes` (`dataset_id`, `time`);
