#include "postgres/source_cache.hpp"

#include <algorithm>

#include "postgres/series_rows.hpp"
#include "unity/core/base/sha256.hpp"

namespace unity::db::postgres {
namespace {

// About 30 MB at worst; a host of a dozen collectors has a few hundred.
constexpr std::size_t kCachedMax = 200'000;
constexpr std::string_view kDoing = "look up sources in";

// One row for each series; one without a series if there is none.
constexpr const char* kRead =
    "SELECT w.ordinal, s.source_id, " UNITY_POSTGRES_SERIES_COLUMNS
    " FROM unnest($1, $2, $3, $4) WITH ORDINALITY "
    "AS w(device_id, plugin_id, instance, tags_hash, ordinal) "
    "JOIN metric_sources s ON s.device_id = w.device_id AND s.plugin_id = w.plugin_id "
    "AND s.instance = w.instance AND s.tags_hash = w.tags_hash "
    "LEFT JOIN metric_series n ON n.source_id = s.source_id ORDER BY n.series_id";
// In the order of the key: hosts that add the same ones at once wait for each other, not in a ring.
constexpr const char* kAdd =
    "INSERT INTO metric_sources (device_id, plugin_id, instance, tags_hash, tags) "
    "SELECT device_id, plugin_id, instance, tags_hash, tags::jsonb "
    "FROM unnest($1, $2, $3, $4, $5) AS w(device_id, plugin_id, instance, tags_hash, tags) "
    "ORDER BY 1, 2, 3, 4 ON CONFLICT (device_id, plugin_id, instance, tags_hash) DO NOTHING";
constexpr const char* kAddSeries =
    "COPY metric_series (source_id, position, metric_name, field, unit, kind) "
    "FROM STDIN (FORMAT binary)";

Error vanished(std::string_view what) {
  return {Errc::unavailable,
          std::string("another writer has added and removed ").append(what).append(" meanwhile")};
}

}  // namespace

void SourceCache::begin(LazyTransaction& transaction) {
  if (sources_.size() + series_ > kCachedMax) clear();
  transaction_ = &transaction;
}

void SourceCache::clear() {
  devices_.clear();
  sources_.clear();
  series_ = 0;
}

Source* SourceCache::find(std::string_view key) {
  const auto found = sources_.find(key);
  return found != sources_.end() ? &found->second : nullptr;
}

Result<std::vector<Source*>> SourceCache::load(std::span<const MissingSource> missing) {
  auto connection = transaction_->use(kDoing);
  if (!connection) return std::move(connection).error();
  std::vector<std::string> hostnames;
  for (const auto& one : missing) hostnames.push_back(one.record->origin->device);
  if (auto learned = devices_.learn(**connection, std::move(hostnames)); !learned) {
    return std::move(learned).error();
  }
  Identities wanted;
  for (const auto& one : missing) {
    const auto& origin = *one.record->origin;
    wanted.devices.push_back(devices_.id(origin.device));
    wanted.plugins.push_back(origin.plugin);
    wanted.instances.push_back(origin.instance);
    wanted.tags.push_back(one.record->tags.to_json());
    const auto hash = sha256(wanted.tags.back());
    wanted.hashes.emplace_back(hash.begin(), hash.end());
  }
  std::vector<std::optional<Source>> found(missing.size());
  if (auto done = read(wanted, found); !done) return std::move(done).error();
  const auto is_missing = [](const std::optional<Source>& source) { return !source; };
  if (std::any_of(found.begin(), found.end(), is_missing)) {
    if (auto done = add(wanted); !done) return std::move(done).error();
    // Also those that another host has just added.
    if (auto done = read(wanted, found); !done) return std::move(done).error();
  }
  std::vector<Source*> loaded;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (!found[i]) return vanished("a source");
    series_ += found[i]->series().size();
    loaded.push_back(&sources_.emplace(missing[i].key, std::move(*found[i])).first->second);
  }
  return loaded;
}

Result<void> SourceCache::read(const Identities& wanted,
                               std::vector<std::optional<Source>>& found) {
  auto rows = transaction_->connection().query(
      kRead,
      Parameters(Integers{wanted.devices}, Texts{wanted.plugins}, Texts{wanted.instances},
                 ByteStrings{wanted.hashes}),
      kDoing);
  if (!rows) return std::move(rows).error();
  std::fill(found.begin(), found.end(), std::nullopt);
  for (int i = 0; i < rows->size(); ++i) {
    auto& source = found[static_cast<std::size_t>(rows->integer(i, 0)) - 1];
    if (!source) source.emplace(rows->integer(i, 1));
    load_series(*rows, i, 2, *source);
  }
  return {};
}

Result<void> SourceCache::add(const Identities& wanted) {
  auto added = transaction_->connection().query(
      kAdd,
      Parameters(Integers{wanted.devices}, Texts{wanted.plugins}, Texts{wanted.instances},
                 ByteStrings{wanted.hashes}, Texts{wanted.tags}),
      "add sources to");
  return added ? Result<void>() : std::move(added).error();
}

Result<void> SourceCache::store_changes(const std::vector<Source*>& sources) {
  constexpr std::string_view doing = "describe series in";
  added_.clear();
  for (auto* source : sources) {
    for (const auto& change : source->changes()) {
      const auto& series = source->series()[change.index];
      if (!change.added) {
        if (auto changed = change_series(*source, series); !changed) return changed;
        continue;
      }
      ++series_;
      added_.begin_row(6);
      added_.add(source->id());
      if (series.position == kNoPosition) {
        added_.add_null();
      } else {
        added_.add(std::int32_t{series.position});
      }
      added_.add(std::string_view(series.metric));
      added_.add(std::string_view(series.field));
      if (series.unit.empty()) {
        added_.add_null();
      } else {
        added_.add(std::string_view(series.unit));
      }
      added_.add(to_text(series.kind));
    }
    source->clear_changes();
  }
  if (added_.empty()) return {};
  auto connection = transaction_->use(doing);
  if (!connection) return std::move(connection).error();
  return (*connection)->copy_in(kAddSeries, added_.finish(), doing);
}

// A position that another writer has given meanwhile stays, and ours is found to be wrong.
Result<void> SourceCache::change_series(const Source& source, const Series& series) {
  constexpr std::string_view doing = "describe a series in";
  auto connection = transaction_->use(doing);
  if (!connection) return std::move(connection).error();
  using Text = std::optional<std::string_view>;
  const auto position =
      series.position == kNoPosition ? std::nullopt : std::optional<int>(series.position);
  auto rows = (*connection)
                  ->query(
                      "UPDATE metric_series SET position = coalesce(position, $1), unit = $2, "
                      "kind = $3 WHERE source_id = $4 AND metric_name = $5 AND field = $6 "
                      "RETURNING position IS DISTINCT FROM $1",
                      Parameters(position, series.unit.empty() ? Text() : Text(series.unit),
                                 to_text(series.kind), source.id(), series.metric, series.field),
                      doing);
  if (!rows) return std::move(rows).error();
  if (rows->size() == 1 && !rows->flag(0, 0)) return {};
  return vanished("a series");
}

}  // namespace unity::db::postgres
