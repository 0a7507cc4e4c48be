// What a database has of TimescaleDB, for people and for whoever watches it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

// A table that TimescaleDB cuts by time.
struct HypertableState {
  std::string name;
  std::int64_t chunks = 0;
  std::int64_t compressed_chunks = 0;
  std::int64_t bytes = 0;                              // on disk, with indexes
  std::int64_t bytes_uncompressed = 0;                 // of the compressed chunks, before they were
  std::int64_t bytes_compressed = 0;                   // and after
  std::optional<std::chrono::seconds> compress_after;  // nothing: no job compresses it
};

// A job of TimescaleDB's own. Ours are in maintenance_jobs: see read_jobs().
struct TimescaleJobState {
  std::int64_t id = 0;
  std::string what;         // "policy_compression"
  std::string hypertable;   // empty: of none
  std::string last_status;  // "Success", "Failed"; empty: it has not run
  std::optional<Time> last_success;
  std::optional<Time> next_start;
  std::int64_t total_runs = 0;
  std::int64_t total_failures = 0;
};

struct TimescaleState {
  std::string installed;  // the version in the database; empty: none
  std::string available;  // the version that the server has; empty: none
  std::string license;    // "timescale", or "apache", which is without compression
  bool used = false;      // our tables are hypertables
  std::vector<HypertableState> hypertables;  // by name
  std::vector<TimescaleJobState> jobs;       // by id
  // Where what is there is not what is configured, in sentences that say what to do.
  std::vector<std::string> remarks;
};

// Null: there is nothing of it, and nobody has asked for it.
Result<std::optional<TimescaleState>> timescale_state(const DatabaseConfig& config);

}  // namespace unity::db
