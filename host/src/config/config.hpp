// The configuration of the host as plain values. What is not in the file has its default here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/located_value.hpp"
#include "config/pipeline.hpp"
#include "config/secret.hpp"
#include "config/worker_limits.hpp"
#include "unity/core/base/time.hpp"
#include "unity/core/model/permissions.hpp"
#include "unity/core/model/record.hpp"
#include "unity/db/open.hpp"
#include "unity/db/retention.hpp"
#include "unity/db/spool.hpp"

namespace unity::host {

// One configured collector. What the file leaves out has been taken from CollectionConfig, except
// the interval: there the manifest's default comes first.
struct InstanceConfig {
  std::string id;
  std::string plugin;
  std::string collector;  // empty: the only one of its plugin
  bool enabled = true;
  std::optional<Duration> interval;  // as written in the file
  Duration timeout{};
  int retry_count = 0;
  Duration retry_delay{};
  double retry_backoff = 1;
  Duration jitter{};
  bool align = false;
  int pause_after = 0;
  int stretch_max = 1;
  std::string on_overrun;         // "skip" or "coalesce"
  std::string on_start_error;     // "error", "retry", "ignore" or "probe"
  std::string target;             // what it talks to; empty: nothing it shares with others
  std::string isolation;          // "inline", "pooled", "dedicated"; empty: by its plugin
  PermissionChanges permissions;  // against what the manifest declares
  WorkerLimits limits;
  std::string device;       // empty: the host
  Tags tags;                // its own; the global ones are in Config
  LocatedValue options;     // the mapping `config:`; null if there is none
  PipelineConfig pipeline;  // its own stages; none if it is not written

  Location location;         // of the list entry
  Location plugin_location;  // of the value of `plugin`

  // The place of the option that `pointer` names, or of the nearest thing around it.
  Location locate_option(std::string_view pointer) const;
};

struct CollectionConfig {
  Duration default_interval = std::chrono::seconds(60);
  int batch_size = 100;
  Duration batch_timeout{};
  int retry_count = 3;
  Duration retry_delay = std::chrono::seconds(10);
  double retry_backoff = 2;
  int max_concurrent = 10;
  int max_per_target = 1;
  int pause_after = 10;      // slots that failed in a row; 0: never
  int stretch_max = 4;       // of the interval of a failing collector; 1: never
  int quarantine_after = 5;  // ends of a plugin's worker within ten minutes; 0: never
  std::string on_overrun = "skip";
  std::string on_start_error = "retry";
  bool run_metrics = true;  // a record `_collection` for each run
  Duration collection_timeout = std::chrono::seconds(30);
  Duration jitter{};
  WorkerLimits limits;
};

// One database that records are stored in.
struct StorageConfig {
  std::string id = "main";
  bool required = true;  // records wait in the spool until it has them
  int batch_size = 100;  // the defaults of both are those of CollectionConfig
  Duration batch_timeout{};
  db::DatabaseConfig database;

  Location location;  // of its path, or else of the list entry
};

// Where records wait for the storages. The defaults are those of db::SpoolConfig.
struct SpoolSettings {
  std::filesystem::path path = "spool";
  std::uint64_t max_bytes = db::SpoolConfig().max_bytes;
  std::uint64_t segment_bytes = db::SpoolConfig().segment_bytes;
  std::uint64_t min_free_bytes = db::SpoolConfig().min_free_bytes;
  db::SyncMode sync = db::SyncMode::group;
  db::FullPolicy when_full = db::FullPolicy::drop_oldest;
};

// How old things get. The defaults are those of db::RetentionConfig.
struct RetentionSettings {
  db::RetentionConfig keep;
  Duration late_window = std::chrono::days(7);  // older records are refused when they are collected
};

struct HttpConfig {
  bool enabled = true;
  std::string address = "127.0.0.1";  // a literal loopback address, IPv4 or IPv6
  std::uint16_t port = 8787;          // 0: any that is free
  bool metrics_values = false;        // /metrics also shows what collectors measured
};

// Whether what changes on disk takes effect by itself.
struct WatchConfig {
  bool plugins = true;                               // files in `plugin_dirs`
  bool config = true;                                // this file and conf.d/
  Duration settle = std::chrono::milliseconds(300);  // after the last change

  friend bool operator==(const WatchConfig&, const WatchConfig&) = default;
};

struct Config {
  std::filesystem::path state_dir = "/var/lib/unity";
  std::vector<StorageConfig> storages{1};  // at least one is required; paths are full
  SpoolSettings spool;                     // its path is full
  RetentionSettings retention;             // the same in all storages
  CollectionConfig collection;
  HttpConfig http;
  std::vector<std::filesystem::path> plugin_dirs;
  WatchConfig watch;
  std::string device;  // the name of this host; empty: the system's host name
  Tags tags;           // for the records of every collector
  std::string log_level = "info";
  PipelineConfig pipeline;  // for the records of every collector; the default one if not written
  std::vector<SecretConfig> secrets;  // each name once
  std::vector<DatasetSpec> datasets;  // the operator's own
  std::vector<InstanceConfig> collectors;

  const StorageConfig* find_storage(std::string_view id) const;
  const SecretConfig* find_secret(std::string_view name) const;
};

}  // namespace unity::host
