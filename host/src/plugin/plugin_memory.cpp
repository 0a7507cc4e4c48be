#include "plugin/plugin_memory.hpp"

#include <algorithm>

#include "log/log.hpp"
#include "worker/runtime/limits.hpp"

namespace unity::host {

PluginMemory::PluginMemory(std::optional<db::PluginStore> store) : store_(std::move(store)) {
  if (!store_) return;
  tell_notice();
  auto loaded = store_->take_loaded();
  for (auto& one : loaded.state) {
    auto& kept = kept_[one.instance];
    kept.bytes += one.key.size() + one.value.size();
    kept.state.emplace(std::move(one.key), std::move(one.value));
  }
  for (auto& one : loaded.checkpoints) {
    auto& kept = kept_[one.instance];
    kept.checkpoint = std::move(one.value);
    kept.place = one.place;
  }
}

const PluginMemory::Kept* PluginMemory::find(std::string_view instance) const {
  const auto found = kept_.find(instance);
  return found != kept_.end() ? &found->second : nullptr;
}

std::optional<std::uint64_t> PluginMemory::newest_place() const {
  const std::lock_guard lock(mutex_);
  std::optional<std::uint64_t> newest;
  for (const auto& [instance, kept] : kept_) {
    if (!kept.checkpoint.empty()) newest = std::max(newest.value_or(0), kept.place);
  }
  return newest;
}

// Checkpoints are stored after the spool has their group and with the number at the group's end as
// their place. So an entry of the spool that ends behind the stored place is of a group that was
// never stored, and its checkpoint is newer: its rows are durable, and to begin again before them
// would collect them twice. An entry at or before it is of a group that was stored, perhaps with a
// newer checkpoint of a run without rows, which the spool never had: there the store is right.
void PluginMemory::recovered(const std::vector<db::Checkpoint>& found, std::uint64_t end) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& one : found) {
      auto& kept = kept_[one.instance];
      if (!kept.checkpoint.empty() && kept.place >= one.place && kept.place <= end) continue;
      kept.checkpoint = one.value;
      kept.place = one.place;
      waiting_.checkpoints.insert(one.instance);
    }
    // Somebody began the spool anew, and its numbers with it: what comes now is newer.
    for (auto& [instance, kept] : kept_) {
      if (kept.place <= end) continue;
      kept.place = end;
      waiting_.checkpoints.insert(instance);
    }
  }
  flush();
}

unity_status PluginMemory::state_get(std::string_view instance, std::string_view key,
                                     std::string& value) const {
  const std::lock_guard lock(mutex_);
  const auto* kept = find(instance);
  const auto* found = kept != nullptr ? kept->find(key) : nullptr;
  if (found == nullptr) return UNITY_E_NOT_FOUND;
  value = *found;
  return UNITY_OK;
}

unity_status PluginMemory::state_put(std::string_view instance, std::string_view key,
                                     std::string_view value, std::uint64_t quota) {
  if (value.size() > kStateValueMax) return UNITY_E_LIMIT;
  const std::lock_guard lock(mutex_);
  const auto* before = find(instance);
  const auto* old = before != nullptr ? before->find(key) : nullptr;
  if (old != nullptr ? *old == value : value.empty()) return UNITY_OK;
  const auto bytes_before = before != nullptr ? before->bytes : 0;
  const auto removed = old != nullptr ? key.size() + old->size() : 0;
  const auto added = value.empty() ? 0 : key.size() + value.size();
  const auto bytes = bytes_before - removed + added;
  // A quota that was lowered takes nothing away, and what shrinks is always welcome.
  if (bytes > quota && bytes > bytes_before) return UNITY_E_LIMIT;

  auto& kept = kept_[std::string(instance)];
  kept.bytes = bytes;
  std::string name(key);
  if (value.empty()) {
    kept.state.erase(name);
  } else {
    kept.state[name] = value;
  }
  waiting_.keys.emplace(instance, std::move(name));
  return UNITY_OK;
}

std::uint64_t PluginMemory::state_bytes(std::string_view instance) const {
  const std::lock_guard lock(mutex_);
  const auto* kept = find(instance);
  return kept != nullptr ? kept->bytes : 0;
}

std::string PluginMemory::checkpoint(std::string_view instance) const {
  const std::lock_guard lock(mutex_);
  const auto* kept = find(instance);
  return kept != nullptr ? kept->checkpoint : std::string();
}

void PluginMemory::checkpoints_durable(std::vector<db::Checkpoint> checkpoints) {
  const std::lock_guard store_lock(store_mutex_);
  {
    const std::lock_guard lock(mutex_);
    for (auto& one : checkpoints) {
      auto& kept = kept_[one.instance];
      kept.checkpoint = std::move(one.value);
      kept.place = one.place;
      waiting_.checkpoints.insert(std::move(one.instance));
    }
  }
  // The runs of the group wait for this: a disk that is known to fail does not hold them up. Their
  // rows are in the spool, and their checkpoints with them.
  if (!failing_) store_waiting();
}

bool PluginMemory::dirty() const {
  const std::lock_guard lock(mutex_);
  return !waiting_.empty();
}

bool PluginMemory::flush() {
  const std::lock_guard store_lock(store_mutex_);
  return store_waiting();
}

void PluginMemory::forget(std::string_view instance) {
  const std::lock_guard store_lock(store_mutex_);
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(instance);
    if (found == kept_.end()) return;
    kept_.erase(found);
    std::erase_if(waiting_.keys, [&](const auto& key) { return key.first == instance; });
    waiting_.checkpoints.erase(std::string(instance));
    waiting_.forgotten.emplace(instance);
  }
  store_waiting();
}

bool PluginMemory::store_waiting() {
  Waiting waiting;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return true;
    waiting = std::exchange(waiting_, {});
  }
  const auto stored = store(waiting);
  if (stored) {
    if (std::exchange(failing_, false)) log_info("what plugins ask to keep is stored again");
    return true;
  }
  if (!std::exchange(failing_, true)) {
    log_warn("what plugins ask to keep is only in memory until it can be stored: {}",
             stored.error().message);
  }
  const std::lock_guard lock(mutex_);
  waiting_.forgotten.merge(waiting.forgotten);
  waiting_.keys.merge(waiting.keys);
  waiting_.checkpoints.merge(waiting.checkpoints);
  return false;
}

Result<void> PluginMemory::store(const Waiting& waiting) {
  if (!store_) return {};
  Result<void> stored;
  for (const auto& instance : waiting.forgotten) {
    if (stored) stored = store_->forget(instance);
  }
  db::PluginChanges wanted;
  if (stored) {
    {
      const std::lock_guard lock(mutex_);
      wanted = changes(waiting);
    }
    stored = store_->write(wanted);
  }
  if (stored || stored.error().code != Errc::refused) return stored;
  // The file is damaged or gone, but everything that it had is here.
  {
    const std::lock_guard lock(mutex_);
    wanted = everything();
  }
  stored = store_->rewrite(wanted, stored.error().message);
  tell_notice();
  return stored;
}

db::PluginChanges PluginMemory::changes(const Waiting& waiting) const {
  db::PluginChanges changes;
  for (const auto& [instance, key] : waiting.keys) {
    const auto* kept = find(instance);
    const auto* value = kept != nullptr ? kept->find(key) : nullptr;
    changes.state.push_back({instance, key, value != nullptr ? *value : std::string()});
  }
  for (const auto& instance : waiting.checkpoints) {
    const auto* kept = find(instance);
    if (kept == nullptr || kept->checkpoint.empty()) continue;
    changes.checkpoints.push_back({instance, kept->checkpoint, kept->place});
  }
  return changes;
}

db::PluginChanges PluginMemory::everything() const {
  db::PluginChanges all;
  for (const auto& [instance, kept] : kept_) {
    for (const auto& [key, value] : kept.state) all.state.push_back({instance, key, value});
    if (kept.checkpoint.empty()) continue;
    all.checkpoints.push_back({instance, kept.checkpoint, kept.place});
  }
  return all;
}

void PluginMemory::tell_notice() {
  if (const auto notice = store_->take_notice(); !notice.empty()) log_warn("{}", notice);
}

}  // namespace unity::host
