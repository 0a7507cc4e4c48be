// What the host remembers for plugins, for all instances: the state that they put, and how far they
// are. The truth is in memory; the store behind it makes it durable, checkpoints at once and state
// a little later. A disk that does not take it costs nothing but durability.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unity/db/checkpoint.hpp"
#include "unity/db/plugin_store.hpp"
#include "unity/plugin.h"

namespace unity::host {

// Any thread, except where marked.
class PluginMemory {
 public:
  // Without a store nothing outlives the process: for runs by hand, and tests.
  explicit PluginMemory(std::optional<db::PluginStore> store = std::nullopt);

  // The highest place of a stored checkpoint, for db::SpoolConfig::checkpoints_since; nothing if
  // there is no checkpoint. At the start.
  std::optional<std::uint64_t> newest_place() const;
  // What opening the spool found, and the number that comes next in it. At the start, before any
  // collector is created.
  void recovered(const std::vector<db::Checkpoint>& found, std::uint64_t end);

  // UNITY_OK or UNITY_E_NOT_FOUND. Waits for no disk, as does state_put().
  unity_status state_get(std::string_view instance, std::string_view key, std::string& value) const;
  // `quota` bounds the bytes of all keys and values of the instance. UNITY_E_LIMIT: it would be
  // exceeded, or the value alone is too large; the old value stays. An empty value deletes.
  unity_status state_put(std::string_view instance, std::string_view key, std::string_view value,
                         std::uint64_t quota);
  std::uint64_t state_bytes(std::string_view instance) const;

  // The newest durable one; empty if there is none.
  std::string checkpoint(std::string_view instance) const;
  // Their rows are durable. Stored, with all state that waits, when this returns, unless the disk
  // fails: then they wait for flush().
  void checkpoints_durable(std::vector<db::Checkpoint> checkpoints);

  // Whether something waits to be stored.
  bool dirty() const;
  // Stores what waits. False if the disk does not take it; the next call tries again.
  bool flush();

  // Everything that is kept for the instance goes.
  void forget(std::string_view instance);

 private:
  struct Kept {
    std::map<std::string, std::string, std::less<>> state;
    std::uint64_t bytes = 0;  // of its keys and values
    std::string checkpoint;
    std::uint64_t place = 0;  // of the checkpoint

    const std::string* find(std::string_view key) const {
      const auto found = state.find(key);
      return found != state.end() ? &found->second : nullptr;
    }
  };
  // What the store lacks, by name; the values are looked up when they are written.
  struct Waiting {
    std::set<std::string> forgotten;
    std::set<std::pair<std::string, std::string>> keys;  // instance, key
    std::set<std::string> checkpoints;

    bool empty() const { return forgotten.empty() && keys.empty() && checkpoints.empty(); }
  };

  const Kept* find(std::string_view instance) const;
  db::PluginChanges changes(const Waiting& waiting) const;  // under mutex_
  db::PluginChanges everything() const;                     // under mutex_
  bool store_waiting();                                     // under store_mutex_
  Result<void> store(const Waiting& waiting);               // under store_mutex_
  void tell_notice();                                       // under store_mutex_

  std::mutex store_mutex_;  // taken before mutex_; held while the disk works
  std::optional<db::PluginStore> store_;
  bool failing_ = false;

  mutable std::mutex mutex_;  // of all below; no file is touched under it
  std::map<std::string, Kept, std::less<>> kept_;
  Waiting waiting_;
};

}  // namespace unity::host
