#include "sqlite/source_cache.hpp"

#include "base/now.hpp"
#include "base/unless_empty.hpp"
#include "base/uuid.hpp"
#include "frames/series_rows.hpp"
#include "sqlite/series_rows.hpp"
#include "unity/core/base/sha256.hpp"

namespace unity::db {
namespace {

// About 15 MB at worst; a host of a dozen collectors has a few hundred.
constexpr std::size_t kCachedMax = 100'000;
constexpr std::string_view kDoing = "look up a source in";

std::optional<int> position_of(const Series& series) {
  return series.position == kNoPosition ? std::nullopt : std::optional(series.position);
}

}  // namespace

Result<SourceCache> SourceCache::open(Connection& connection) {
  constexpr std::string_view sql[] = {
      "PRAGMA data_version",
      "SELECT device_id FROM devices WHERE hostname = ?",
      "INSERT INTO devices (uid, hostname, created_at, updated_at) VALUES (?, ?, ?, ?)",
      "SELECT source_id FROM metric_sources WHERE device_id = ? AND plugin_id = ? "
      "AND instance = ? AND tags_hash = ?",
      "INSERT INTO metric_sources (device_id, plugin_id, instance, tags_hash, tags) "
      "VALUES (?, ?, ?, ?, ?)",
      "SELECT max(time) FROM metric_frames WHERE source_id = ?",
      "SELECT " UNITY_SERIES_COLUMNS_OF_N
      " FROM metric_series n WHERE source_id = ? "
      "ORDER BY series_id",
      "INSERT INTO metric_series (source_id, position, metric_name, field, unit, kind) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      "UPDATE metric_series SET position = ?, unit = ?, kind = ? "
      "WHERE source_id = ? AND metric_name = ? AND field = ?",
  };
  std::vector<Statement> made;
  for (const auto text : sql) {
    auto statement = connection.prepare(text, kDoing);
    if (!statement) return std::move(statement).error();
    made.push_back(std::move(*statement));
  }
  auto take = [&made, i = std::size_t{0}]() mutable { return std::move(made[i++]); };
  // Braces evaluate from left to right.
  return SourceCache(connection,
                     {take(), take(), take(), take(), take(), take(), take(), take(), take()});
}

Result<void> SourceCache::begin() {
  learned_ = false;
  auto& query = statements_.data_version;
  if (auto row = connection_.next(query.bind(), kDoing); !row) return std::move(row).error();
  const auto version = query.integer(0);
  query.reset();
  if (version != data_version_ || sources_.size() + series_ > kCachedMax) clear();
  data_version_ = version;
  return {};
}

void SourceCache::roll_back() {
  if (learned_) clear();
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
  std::vector<Source*> loaded;
  for (const auto& [record, key] : missing) {
    auto source = load_one(*record, key);
    if (!source) return std::move(source).error();
    loaded.push_back(*source);
  }
  return loaded;
}

Result<Source*> SourceCache::load_one(const Record& record, std::string_view key) {
  learned_ = true;
  const auto device = device_id(record.origin->device);
  if (!device) return device.error();
  const auto id = source_id(record, *device);
  if (!id) return id.error();
  Source source(*id);
  auto& rows = statements_.find_series.bind(source.id());
  auto loaded = load_series(connection_, rows, source, kDoing);
  if (!loaded) return std::move(loaded).error();
  auto& newest = statements_.newest_frame;
  if (auto row = connection_.next(newest.bind(*id), kDoing); !row) return std::move(row).error();
  if (!newest.is_null(0)) source.newest = newest.time(0);
  newest.reset();
  series_ += source.series().size();
  return &sources_.emplace(key, std::move(source)).first->second;
}

Result<std::int64_t> SourceCache::device_id(const std::string& hostname) {
  if (const auto known = devices_.find(hostname); known != devices_.end()) return known->second;
  auto& find = statements_.find_device;
  auto row = connection_.next(find.bind(hostname), kDoing);
  if (!row) return std::move(row).error();
  std::int64_t id = 0;
  if (*row) {
    id = find.integer(0);
    find.reset();
  } else {
    const auto time = now();
    const auto uid = make_uuid(time);
    auto& add = statements_.add_device.bind(Blob{uid}, hostname, time, time);
    if (auto added = connection_.run(add, "add a device to"); !added) {
      return std::move(added).error();
    }
    id = connection_.last_insert_id();
    learned_ = true;
  }
  devices_.emplace(hostname, id);
  return id;
}

Result<std::int64_t> SourceCache::source_id(const Record& record, std::int64_t device) {
  const auto tags = record.tags.to_json();
  const auto hash = sha256(tags);
  const Blob tags_hash{{reinterpret_cast<const char*>(hash.data()), hash.size()}};
  const auto& origin = *record.origin;
  auto& find = statements_.find_source.bind(device, origin.plugin, origin.instance, tags_hash);
  auto row = connection_.next(find, kDoing);
  if (!row) return std::move(row).error();
  if (*row) {
    const auto id = find.integer(0);
    find.reset();
    return id;
  }
  auto& add = statements_.add_source.bind(device, origin.plugin, origin.instance, tags_hash, tags);
  if (auto added = connection_.run(add, "add a source to"); !added) {
    return std::move(added).error();
  }
  return connection_.last_insert_id();
}

Result<void> SourceCache::store_changes(Source& source) {
  for (const auto& change : source.changes()) {
    learned_ = true;
    const auto& series = source.series()[change.index];
    auto& statement =
        change.added ? statements_.add_series.bind(source.id(), position_of(series),
                                                   series.metric.text(), series.field.text(),
                                                   unless_empty(series.unit), to_text(series.kind))
                     : statements_.change_series.bind(
                           position_of(series), unless_empty(series.unit), to_text(series.kind),
                           source.id(), series.metric.text(), series.field.text());
    series_ += change.added ? 1 : 0;
    if (auto done = connection_.run(statement, "describe a series in"); !done) return done;
  }
  source.clear_changes();
  return {};
}

}  // namespace unity::db
