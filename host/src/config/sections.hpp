// One function for each section of the file.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "config/reader.hpp"

namespace unity::host {

// Sets the type and the path, which stays as written: it is relative to `state_dir`.
void read_database(Reader& reader, const Entry& entry, db::DatabaseConfig& database);
void read_collection(Reader& reader, const Entry& entry, CollectionConfig& collection);
void read_http(Reader& reader, const Entry& entry, HttpConfig& http);
// `collection` must have been read: it has the defaults.
void read_collectors(Reader& reader, const Entry& entry, const CollectionConfig& collection,
                     std::vector<InstanceConfig>& collectors);
// A list of stages, the global one or a collector's own.
void read_pipeline(const Entry& entry, PipelineLevel level, PipelineConfig& pipeline,
                   Diagnostics& diagnostics);

// Known to this version, which only checks them.
void check_cache(Reader& reader, const Entry& entry);
void check_retention(Reader& reader, const Entry& entry);

// The limits that `collection` and the entries of `collectors` share.
inline constexpr Duration kShortestInterval = std::chrono::milliseconds(10);
inline constexpr Duration kLongestInterval = std::chrono::hours(24 * 365);
inline constexpr Duration kLongestWait = std::chrono::hours(24);
inline constexpr int kMostRetries = 100;
inline constexpr double kLargestBackoff = 10;

}  // namespace unity::host
