// Where records go, and the two things beside them that a database keeps for the host.
// An adapter implements all three and passes tests/db/storage_conformance.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/model/dataset.hpp"
#include "unity/core/model/record.hpp"

namespace unity {

// A record that storage will never take; the rest of its batch is stored all the same.
struct Rejection {
  std::size_t index;   // into the batch
  std::string reason;  // a word for counting: "conflict"
  std::string detail;  // a sentence for people
  // Of a row: it was stored, but for values that its table has no column for.
  bool but_stored = false;
};

// One instance is used by one thread at a time.
class Storage {
 public:
  virtual ~Storage() = default;

  // Stores every record that is not in the returned list, durably, or (on error) none of them.
  // Storing the same record twice has the effect of storing it once, so a batch may be repeated
  // after Errc::unavailable. A field whose number differs from the one already stored for the
  // same source and time is a "conflict": its record is returned and changes nothing.
  // A row of a dataset replaces the one with its key: device, identity and time, and of an event
  // its place in the spool.
  virtual Result<std::vector<Rejection>> write(std::span<const Record> batch) = 0;
};

struct PluginInfo {
  std::string plugin_id;
  std::string name;
  std::string version;
  std::string description;
  std::string category;
  std::string manifest_hash;  // SHA-256 of the manifest, 32 bytes
  bool enabled = true;        // has at least one configured instance
};

struct PluginStatus {
  std::string plugin_id;
  std::optional<Time> last_run;
  std::optional<Time> last_success;
  std::string last_error;  // empty: none so far
  std::uint64_t error_count = 0;
  std::uint64_t consecutive_errors = 0;
  std::string health_status;  // the worst state of the plugin's instances
};

// What became of a dataset that was declared.
struct DatasetState {
  std::string name;
  std::string owner;
  int version = 0;      // of the table
  std::string state;    // "applied", "blocked", "deprecated"
  std::string problem;  // why it is blocked, or what is wrong with its table; empty: nothing

  friend bool operator==(const DatasetState&, const DatasetState&) = default;
};

// The host's own registry. Same threading rule as Storage, and the same thread.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // Adds plugins, or updates them if anything changed. Plugins that are not named stay.
  virtual Result<void> register_plugins(std::span<const PluginInfo> plugins) = 0;
  // Gives datasets their tables, or brings these to what is declared now, as far as that is
  // possible without losing anything; what is not leaves the table as it is, and its state says so.
  virtual Result<std::vector<DatasetState>> declare_datasets(
      std::span<const DatasetSpec> datasets) = 0;
  // Replaces the status of registered plugins.
  virtual Result<void> update_status(std::span<const PluginStatus> status) = 0;
};

}  // namespace unity
