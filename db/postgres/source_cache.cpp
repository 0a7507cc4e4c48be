#include "postgres/source_cache.hpp"

#include "base/now.hpp"
#include "base/uuid.hpp"
#include "postgres/series_rows.hpp"
#include "unity/core/base/sha256.hpp"

namespace unity::db::postgres {
namespace {

// About 30 MB at worst; a host of a dozen collectors has a few hundred.
constexpr std::size_t kCachedMax = 200'000;
constexpr std::string_view kDoing = "look up a source in";

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

Result<Source*> SourceCache::load(const Record& record, std::string_view key) {
  const auto device = device_id(record.origin->device);
  if (!device) return device.error();
  auto source = read_or_add(record, *device);
  if (!source) return std::move(source).error();
  series_ += source->series().size();
  return &sources_.emplace(key, std::move(*source)).first->second;
}

Result<std::int64_t> SourceCache::device_id(const std::string& hostname) {
  if (const auto known = devices_.find(hostname); known != devices_.end()) return known->second;
  auto connection = transaction_->use(kDoing);
  if (!connection) return std::move(connection).error();
  const auto find = [&] {
    return (*connection)
        ->query("SELECT device_id FROM devices WHERE hostname = $1", Parameters(hostname), kDoing);
  };
  auto rows = find();
  if (rows && rows->size() == 0) {
    const auto time = now();
    const auto uid = make_uuid(time);
    rows = (*connection)
               ->query(
                   "INSERT INTO devices (uid, hostname, created_at, updated_at) "
                   "VALUES ($1, $2, $3, $4) ON CONFLICT (hostname) DO NOTHING RETURNING device_id",
                   Parameters(Uuid{uid}, hostname, time, time), "add a device to");
    // Nothing: another host has just added it.
    if (rows && rows->size() == 0) rows = find();
  }
  if (!rows) return std::move(rows).error();
  if (rows->size() == 0) return vanished("a device");
  return devices_.emplace(hostname, rows->integer(0, 0)).first->second;
}

Result<Source> SourceCache::read_or_add(const Record& record, std::int64_t device) {
  auto connection = transaction_->use(kDoing);
  if (!connection) return std::move(connection).error();
  const auto tags = record.tags.to_json();
  const auto hash = sha256(tags);
  const Bytes tags_hash{{reinterpret_cast<const char*>(hash.data()), hash.size()}};
  const auto& origin = *record.origin;
  // One row for each series; one without a series if there is none.
  const auto find = [&] {
    return (*connection)
        ->query("SELECT s.source_id, " UNITY_POSTGRES_SERIES_COLUMNS
                " FROM metric_sources s LEFT JOIN metric_series n ON n.source_id = s.source_id "
                "WHERE s.device_id = $1 AND s.plugin_id = $2 AND s.instance = $3 "
                "AND s.tags_hash = $4 ORDER BY n.series_id",
                Parameters(device, origin.plugin, origin.instance, tags_hash), kDoing);
  };
  auto rows = find();
  if (rows && rows->size() == 0) {
    auto added = (*connection)
                     ->query(
                         "INSERT INTO metric_sources (device_id, plugin_id, instance, tags_hash, "
                         "tags) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (device_id, plugin_id, "
                         "instance, tags_hash) DO NOTHING RETURNING source_id",
                         Parameters(device, origin.plugin, origin.instance, tags_hash, Json{tags}),
                         "add a source to");
    if (!added) return std::move(added).error();
    if (added->size() > 0) return Source(added->integer(0, 0));
    rows = find();
  }
  if (!rows) return std::move(rows).error();
  if (rows->size() == 0) return vanished("a source");
  Source source(rows->integer(0, 0));
  for (int i = 0; i < rows->size(); ++i) load_series(*rows, i, 1, source);
  return source;
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
