#include "sources/known_sources.hpp"

#include <algorithm>

#include "unity/core/base/sha256.hpp"

namespace unity::db {
namespace {

// About 30 MB at worst; a host of a dozen collectors has a few hundred.
constexpr std::size_t kCachedMax = 200'000;

Error vanished(std::string_view what) {
  return {Errc::unavailable,
          std::string("another writer has added and removed ").append(what).append(" meanwhile")};
}

bool is_missing(const std::optional<Source>& source) { return !source; }

SourceIdentities identities_of(std::span<const MissingSource> missing, const Devices& devices) {
  SourceIdentities wanted;
  for (const auto& one : missing) {
    const auto& origin = *one.record->origin;
    wanted.devices.push_back(devices.id(origin.device));
    wanted.plugins.push_back(origin.plugin);
    wanted.instances.push_back(origin.instance);
    wanted.tags.push_back(one.record->tags.to_json());
    const auto hash = sha256(wanted.tags.back());
    wanted.hashes.emplace_back(hash.begin(), hash.end());
  }
  return wanted;
}

}  // namespace

void KnownSources::begin(SourceTables& tables) {
  if (sources_.size() + series_ > kCachedMax) clear();
  tables_ = &tables;
  learned_ = false;
}

void KnownSources::roll_back() {
  if (learned_) clear();
}

void KnownSources::clear() {
  devices_.clear();
  sources_.clear();
  series_ = 0;
}

Source* KnownSources::find(std::string_view key) {
  const auto found = sources_.find(key);
  return found != sources_.end() ? &found->second : nullptr;
}

Result<std::vector<Source*>> KnownSources::load(std::span<const MissingSource> missing) {
  learned_ = true;
  std::vector<std::string> hostnames;
  for (const auto& one : missing) hostnames.push_back(one.record->origin->device);
  if (auto learned = devices_.learn(*tables_, std::move(hostnames)); !learned) {
    return std::move(learned).error();
  }
  const auto wanted = identities_of(missing, devices_);
  std::vector<std::optional<Source>> found(missing.size());
  if (auto done = tables_->find_sources(wanted, found); !done) return std::move(done).error();
  if (std::any_of(found.begin(), found.end(), is_missing)) {
    if (auto done = tables_->add_sources(wanted); !done) return std::move(done).error();
    // Also those that another host has just added.
    found.assign(missing.size(), std::nullopt);
    if (auto done = tables_->find_sources(wanted, found); !done) return std::move(done).error();
  }
  std::vector<Source*> loaded;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (!found[i]) return vanished("a source");
    series_ += found[i]->series().size();
    loaded.push_back(&sources_.emplace(missing[i].key, std::move(*found[i])).first->second);
  }
  return loaded;
}

Result<void> KnownSources::store_changes(const std::vector<Source*>& sources) {
  if (!sources.empty()) learned_ = true;
  std::vector<NewSeries> added;
  for (auto* source : sources) {
    for (const auto& change : source->changes()) {
      const auto& series = source->series()[change.index];
      if (change.added) {
        added.push_back({source->id(), &series});
        continue;
      }
      const auto changed = tables_->change_series(source->id(), series);
      if (!changed) return changed.error();
      if (!*changed) return vanished("a series");
    }
    source->clear_changes();
  }
  series_ += added.size();
  return added.empty() ? Result<void>() : tables_->add_series(added);
}

}  // namespace unity::db
