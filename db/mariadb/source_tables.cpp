#include "mariadb/source_tables.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/unless_empty.hpp"
#include "frames/series_rows.hpp"
#include "mariadb/json_table.hpp"

namespace unity::db::mariadb {
namespace {

// Each list is read once, and each entry of it looked up by the key: the server cannot know how
// long the list is, and would now and then rather read the whole table.
constexpr const char* kFindDevices =
    "SELECT d.hostname, d.device_id FROM JSON_TABLE(?, '$[*]' "
    "COLUMNS (" UNITY_TEXT_COLUMN("hostname", 255) "'$[0]')) w "
    "STRAIGHT_JOIN devices d FORCE INDEX (uq_devices_hostname) ON d.hostname = w.hostname";
// A duplicate changes nothing; every other failure is one, which INSERT IGNORE would hide.
constexpr const char* kAddDevices =
    "INSERT INTO devices (uid, hostname, created_at, updated_at) VALUES (?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE device_id = device_id";
// One row for each series; one without a series if there is none.
constexpr const char* kFindSources =
    "SELECT w.ordinal, s.source_id, " UNITY_SERIES_COLUMNS_OF_N
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (ordinal FOR ORDINALITY, device_id BIGINT PATH '$[0]', "
    UNITY_TEXT_COLUMN("plugin_id", 100) "'$[1]', "
    UNITY_TEXT_COLUMN("instance", 200) "'$[2]', "
    "tags_hash CHAR(64) CHARACTER SET ascii PATH '$[3]')) w "
    "STRAIGHT_JOIN metric_sources s FORCE INDEX (uq_metric_sources_identity) "
    "ON s.device_id = w.device_id AND s.plugin_id = w.plugin_id AND s.instance = w.instance "
    "AND s.tags_hash = UNHEX(w.tags_hash) "
    "LEFT JOIN metric_series n FORCE INDEX (uq_metric_series_name) ON n.source_id = s.source_id "
    "ORDER BY n.series_id";
constexpr const char* kAddSources =
    "INSERT INTO metric_sources (device_id, plugin_id, instance, tags_hash, tags) "
    "VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE source_id = source_id";
constexpr const char* kAddSeries =
    "INSERT INTO metric_series (source_id, position, metric_name, field, unit, kind) "
    "VALUES (?, ?, ?, ?, ?, ?)";
constexpr const char* kChangeSeries =
    "UPDATE metric_series SET position = ?, unit = ?, kind = ? WHERE source_id = ? "
    "AND metric_name = ? AND field = ? AND (position IS NULL OR position <=> ?)";

constexpr std::string_view kLooking = "look up sources in";

std::optional<int> position_of(const Series& series) {
  return series.position == kNoPosition ? std::nullopt : std::optional(series.position);
}

}  // namespace

Result<void> MariadbSourceTables::find_devices(const std::vector<std::string>& hostnames,
                                               DeviceIds& ids) {
  JsonRows wanted;
  for (const auto& hostname : hostnames) {
    wanted.begin_row();
    wanted.add(std::string_view(hostname));
  }
  auto rows = connection_.query(kFindDevices, Parameters(wanted.finish()), "look up devices in");
  if (!rows) return std::move(rows).error();
  for (int i = 0; i < rows->size(); ++i) ids.emplace(rows->bytes(i, 0), rows->integer(i, 1));
  return {};
}

Result<void> MariadbSourceTables::add_devices(const std::vector<NewDevice>& devices,
                                              Time created_at) {
  BulkRows rows;
  for (const auto& device : devices) {
    rows.begin_row();
    rows.add_bytes(device.uid);
    rows.add(std::string_view(device.hostname));
    rows.add(created_at);
    rows.add(created_at);
  }
  return connection_.bulk(kAddDevices, rows, "add devices to");
}

Result<void> MariadbSourceTables::find_sources(const SourceIdentities& wanted,
                                               std::vector<std::optional<Source>>& found) {
  JsonRows keys;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    keys.begin_row();
    keys.add(wanted.devices[i]);
    keys.add(std::string_view(wanted.plugins[i]));
    keys.add(std::string_view(wanted.instances[i]));
    keys.add_bytes(wanted.hashes[i]);
  }
  auto rows = connection_.query(kFindSources, Parameters(keys.finish()), kLooking);
  if (!rows) return std::move(rows).error();
  for (int i = 0; i < rows->size(); ++i) {
    auto& source = found[static_cast<std::size_t>(rows->integer(i, 0)) - 1];
    if (!source) source.emplace(rows->integer(i, 1));
    load_series(*rows, i, 2, *source);
  }
  return {};
}

Result<void> MariadbSourceTables::add_sources(const SourceIdentities& wanted) {
  // In the order of the key: hosts that add the same ones at once wait for each other, not in a
  // ring.
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&wanted](std::size_t i) {
    return std::tie(wanted.devices[i], wanted.plugins[i], wanted.instances[i], wanted.hashes[i]);
  };
  std::sort(order.begin(), order.end(),
            [&key](std::size_t a, std::size_t b) { return key(a) < key(b); });
  BulkRows rows;
  for (const auto i : order) {
    rows.begin_row();
    rows.add(wanted.devices[i]);
    rows.add(std::string_view(wanted.plugins[i]));
    rows.add(std::string_view(wanted.instances[i]));
    rows.add_bytes(wanted.hashes[i]);
    rows.add_json(wanted.tags[i]);
  }
  return connection_.bulk(kAddSources, rows, "add sources to");
}

Result<void> MariadbSourceTables::add_series(std::span<const NewSeries> added) {
  BulkRows rows;
  for (const auto& [source_id, series] : added) {
    rows.begin_row();
    rows.add(source_id);
    rows.add(position_of(*series));
    rows.add(std::string_view(series->metric));
    rows.add(std::string_view(series->field));
    rows.add(unless_empty(series->unit));
    rows.add(to_text(series->kind));
  }
  return connection_.bulk(kAddSeries, rows, "describe series in");
}

Result<bool> MariadbSourceTables::change_series(std::int64_t source_id, const Series& series) {
  const auto position = position_of(series);
  auto changed =
      connection_.query(kChangeSeries,
                        Parameters(position, unless_empty(series.unit), to_text(series.kind),
                                   source_id, series.metric.text(), series.field.text(), position),
                        "describe a series in");
  if (!changed) return std::move(changed).error();
  return changed->affected() == 1;
}

}  // namespace unity::db::mariadb
