-- 0009 profiles, mariadb
-- checksum 5c2b478ac9c0e8174145bc65effa4cb44e4fd8134d3fe74d49036bcfe2a1867b

CREATE TABLE `connector_profiles` (
  `id` VARCHAR(255) NOT NULL,
  `profile_data` JSON NOT NULL,
  `created_at` BIGINT NOT NULL,
  `updated_at` BIGINT NOT NULL,
  `row_version` INT NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `client_configs` (
  `id` VARCHAR(255) NOT NULL,
  `config_data` JSON NOT NULL,
  `created_at` BIGINT NOT NULL,
  `updated_at` BIGINT NOT NULL,
  `row_version` INT NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `service_proposals` (
  `id` VARCHAR(255) NOT NULL,
  `proposal_data` JSON NOT NULL,
  `status` VARCHAR(20) NOT NULL DEFAULT 'draft',
  `created_at` BIGINT NOT NULL,
  `updated_at` BIGINT NOT NULL,
  `row_version` INT NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE `cache_metadata` (
  `key_hash` BINARY(32) NOT NULL,
  `cache_key` MEDIUMTEXT NOT NULL,
  `device_id` BIGINT,
  `data_type` VARCHAR(50) NOT NULL,
  `created_at` BIGINT NOT NULL,
  `last_accessed` BIGINT NOT NULL,
  `expires_at` BIGINT NOT NULL,
  `access_count` BIGINT NOT NULL DEFAULT 1,
  `data_size_bytes` BIGINT,
  `ttl_seconds` INT NOT NULL,
  `invalidated` BOOLEAN NOT NULL DEFAULT 0,
  `invalidated_at` BIGINT,
  `invalidation_reason` VARCHAR(100),
  `collection_method` VARCHAR(50),
  `command_hash` VARCHAR(64),
  PRIMARY KEY (`key_hash`),
  CONSTRAINT `fk_cache_metadata_device_id` FOREIGN KEY (`device_id`) REFERENCES `devices` (`device_id`) ON DELETE CASCADE
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX `ix_cache_metadata_expires` ON `cache_metadata` (`expires_at`);

CREATE INDEX `ix_cache_metadata_device` ON `cache_metadata` (`device_id`, `data_type`);
