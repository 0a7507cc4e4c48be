// What the host keeps for plugins, in an SQLite file of its own: the state that they put there, and
// the newest checkpoint of each instance. It is small, so all of it is in memory as well: this only
// makes it durable.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/db/checkpoint.hpp"

namespace unity::db {

struct PluginStateChange {
  std::string instance;
  std::string key;
  std::string value;  // any bytes; empty: there is no such key any more
};

struct PluginChanges {
  std::vector<PluginStateChange> state;
  std::vector<Checkpoint> checkpoints;  // each replaces the one of its instance

  bool empty() const { return state.empty() && checkpoints.empty(); }
};

// One thread at a time.
class PluginStore {
 public:
  // Begins a file if there is none. One that is damaged or something else's is set aside as
  // "<file>.damaged". Errc::refused if a newer version of unity made it.
  static Result<PluginStore> open(const std::filesystem::path& file);
  PluginStore(PluginStore&&) noexcept;
  PluginStore& operator=(PluginStore&&) noexcept;
  ~PluginStore();

  // What was in the file when it was opened; empty afterwards.
  PluginChanges take_loaded();

  // All or nothing, and durable when it returns. Errc::refused: the file is damaged, or somebody
  // removed it, and only rewrite() helps. Other errors are the disk's; try again.
  Result<void> write(const PluginChanges& changes);
  // Sets the file aside and begins a new one that has `all`; the notice tells `why`.
  Result<void> rewrite(const PluginChanges& all, const std::string& why);
  // Everything that is kept for an instance goes.
  Result<void> forget(std::string_view instance);

  // What happened to the file, for the log; empty if nothing did, and afterwards.
  std::string take_notice();

 private:
  class Impl;
  explicit PluginStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace unity::db
