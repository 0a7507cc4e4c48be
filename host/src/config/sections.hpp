// One function for each section of the file.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "config/environment.hpp"
#include "config/reader.hpp"

namespace unity::host {

// The path stays as written: it is relative to `state_dir`.
void read_database(Reader& reader, const Entry& entry, db::DatabaseConfig& database);
// The list `storages`. Paths stay as written, as in read_database(). `collection` must have been
// read: it has the defaults of `batch_size` and `batch_timeout`.
void read_storages(Reader& reader, const Entry& entry, const CollectionConfig& collection,
                   std::vector<StorageConfig>& storages);
// The path stays as written: it is relative to `state_dir`.
void read_spool(Reader& reader, const Entry& entry, SpoolSettings& spool);
void read_collection(Reader& reader, const Entry& entry, CollectionConfig& collection);
// Words that both of them take.
std::optional<std::string> read_on_overrun(Reader& reader, const Entry& entry);
std::optional<std::string> read_on_start_error(Reader& reader, const Entry& entry);
// What both of them have: keys that are not written stay as they are.
void read_limits(Reader& reader, const Entry& entry, WorkerLimits& limits);
void read_permissions(Reader& reader, const Entry& entry, PermissionChanges& permissions);
// `environment` has the values of those that come from variables.
void read_secrets(Reader& reader, const Entry& entry, const Environment& environment,
                  std::vector<SecretConfig>& secrets);
void read_watch(Reader& reader, const Entry& entry, WatchConfig& watch);
// Checks that nothing goes before what is made of it has been made.
void read_retention(Reader& reader, const Entry& entry, RetentionSettings& retention);
// The documents have a second place for how long raw metrics stay: it may only say the same.
void check_retention_days(Reader& reader, const Node& database, const db::Keep& raw_metrics);
void read_http(Reader& reader, const Entry& entry, HttpConfig& http);
// `collection` must have been read: it has the defaults.
void read_collectors(Reader& reader, const Entry& entry, const CollectionConfig& collection,
                     std::vector<InstanceConfig>& collectors);
// A list of stages, the global one or a collector's own.
void read_pipeline(const Entry& entry, PipelineLevel level, PipelineConfig& pipeline,
                   Diagnostics& diagnostics);

// The list `datasets`: the operator's own.
void read_datasets(const Entry& entry, std::vector<DatasetSpec>& datasets,
                   Diagnostics& diagnostics);

// Where the storage's file is if the configuration does not say: relative to `state_dir`.
std::filesystem::path default_database_path(const StorageConfig& storage);

// Known to this version, which only checks them.
void check_cache(Reader& reader, const Entry& entry);

// The limits that `collection` and the entries of `collectors` share.
inline constexpr Duration kShortestInterval = std::chrono::milliseconds(10);
inline constexpr Duration kLongestInterval = std::chrono::hours(24 * 365);
inline constexpr std::int64_t kRetentionDaysMax = 36'500;
inline constexpr Duration kLongestWait = std::chrono::hours(24);
inline constexpr int kMostRetries = 100;
inline constexpr int kMostFailures = 10'000;
inline constexpr int kMostStretch = 100;
inline constexpr double kLargestBackoff = 10;

}  // namespace unity::host
