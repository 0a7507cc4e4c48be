#include "postgres/source_tables.hpp"

#include "base/unless_empty.hpp"
#include "frames/series_rows.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kLooking = "look up sources in";

constexpr const char* kFindDevices =
    "SELECT hostname, device_id FROM devices WHERE hostname = ANY ($1)";
constexpr const char* kAddDevices =
    "INSERT INTO devices (uid, hostname, created_at, updated_at) "
    "SELECT d.uid, d.hostname, $3, $3 FROM unnest($1, $2) AS d(uid, hostname) ORDER BY d.hostname "
    "ON CONFLICT (hostname) DO NOTHING";
// One row for each series; one without a series if there is none.
constexpr const char* kFindSources =
    "SELECT w.ordinal, s.source_id, " UNITY_SERIES_COLUMNS_OF_N
    " FROM unnest($1, $2, $3, $4) WITH ORDINALITY "
    "AS w(device_id, plugin_id, instance, tags_hash, ordinal) "
    "JOIN metric_sources s ON s.device_id = w.device_id AND s.plugin_id = w.plugin_id "
    "AND s.instance = w.instance AND s.tags_hash = w.tags_hash "
    "LEFT JOIN metric_series n ON n.source_id = s.source_id ORDER BY n.series_id";
// In the order of the key: hosts that add the same ones at once wait for each other, not in a ring.
constexpr const char* kAddSources =
    "INSERT INTO metric_sources (device_id, plugin_id, instance, tags_hash, tags) "
    "SELECT device_id, plugin_id, instance, tags_hash, tags::jsonb "
    "FROM unnest($1, $2, $3, $4, $5) AS w(device_id, plugin_id, instance, tags_hash, tags) "
    "ORDER BY 1, 2, 3, 4 ON CONFLICT (device_id, plugin_id, instance, tags_hash) DO NOTHING";
constexpr const char* kAddSeries =
    "COPY metric_series (source_id, position, metric_name, field, unit, kind) "
    "FROM STDIN (FORMAT binary)";
// A position that another writer has given meanwhile stays.
constexpr const char* kChangeSeries =
    "UPDATE metric_series SET position = coalesce(position, $1), unit = $2, kind = $3 "
    "WHERE source_id = $4 AND metric_name = $5 AND field = $6 "
    "RETURNING position IS DISTINCT FROM $1";

std::optional<std::int32_t> position_of(const Series& series) {
  return series.position == kNoPosition ? std::nullopt : std::optional(series.position);
}

}  // namespace

Result<void> PostgresDevices::find_devices(const std::vector<std::string>& hostnames,
                                           DeviceIds& ids) {
  auto rows = connection_.query(kFindDevices, Parameters(Texts{hostnames}), "look up devices in");
  if (!rows) return std::move(rows).error();
  for (int i = 0; i < rows->size(); ++i) ids.emplace(rows->bytes(i, 0), rows->integer(i, 1));
  return {};
}

Result<void> PostgresDevices::add_devices(const std::vector<NewDevice>& devices, Time created_at) {
  std::vector<std::string> uids;
  std::vector<std::string> hostnames;
  for (const auto& device : devices) {
    uids.push_back(device.uid);
    hostnames.push_back(device.hostname);
  }
  auto added = connection_.query(kAddDevices, Parameters(Uuids{uids}, Texts{hostnames}, created_at),
                                 "add devices to");
  return added ? Result<void>() : std::move(added).error();
}

Result<Rows> PostgresSourceTables::query(const char* sql, const Parameters& parameters,
                                         std::string_view doing) {
  auto connection = transaction_.use(doing);
  if (!connection) return std::move(connection).error();
  return (*connection)->query(sql, parameters, doing);
}

Result<void> PostgresSourceTables::find_devices(const std::vector<std::string>& hostnames,
                                                DeviceIds& ids) {
  auto connection = transaction_.use(kLooking);
  if (!connection) return std::move(connection).error();
  return PostgresDevices(**connection).find_devices(hostnames, ids);
}

Result<void> PostgresSourceTables::add_devices(const std::vector<NewDevice>& devices,
                                               Time created_at) {
  auto connection = transaction_.use(kLooking);
  if (!connection) return std::move(connection).error();
  return PostgresDevices(**connection).add_devices(devices, created_at);
}

Result<void> PostgresSourceTables::find_sources(const SourceIdentities& wanted,
                                                std::vector<std::optional<Source>>& found) {
  auto rows = query(kFindSources,
                    Parameters(Integers{wanted.devices}, Texts{wanted.plugins},
                               Texts{wanted.instances}, ByteStrings{wanted.hashes}),
                    kLooking);
  if (!rows) return std::move(rows).error();
  for (int i = 0; i < rows->size(); ++i) {
    auto& source = found[static_cast<std::size_t>(rows->integer(i, 0)) - 1];
    if (!source) source.emplace(rows->integer(i, 1));
    load_series(*rows, i, 2, *source);
  }
  return {};
}

Result<void> PostgresSourceTables::add_sources(const SourceIdentities& wanted) {
  auto added =
      query(kAddSources,
            Parameters(Integers{wanted.devices}, Texts{wanted.plugins}, Texts{wanted.instances},
                       ByteStrings{wanted.hashes}, Texts{wanted.tags}),
            "add sources to");
  return added ? Result<void>() : std::move(added).error();
}

Result<void> PostgresSourceTables::add_series(std::span<const NewSeries> added) {
  constexpr std::string_view doing = "describe series in";
  CopyData rows;
  for (const auto& [source_id, series] : added) {
    rows.begin_row(6);
    rows.add(source_id);
    rows.add(position_of(*series));
    rows.add(std::string_view(series->metric));
    rows.add(std::string_view(series->field));
    rows.add(unless_empty(series->unit));
    rows.add(to_text(series->kind));
  }
  auto connection = transaction_.use(doing);
  if (!connection) return std::move(connection).error();
  return (*connection)->copy_in(kAddSeries, rows.finish(), doing);
}

Result<bool> PostgresSourceTables::change_series(std::int64_t source_id, const Series& series) {
  auto rows = query(kChangeSeries,
                    Parameters(position_of(series), unless_empty(series.unit), to_text(series.kind),
                               source_id, series.metric.text(), series.field.text()),
                    "describe a series in");
  if (!rows) return std::move(rows).error();
  return rows->size() == 1 && !rows->flag(0, 0);
}

}  // namespace unity::db::postgres
