#include "postgres/timescale.hpp"

#include <fmt/format.h>

namespace unity::db::postgres {
namespace {

constexpr std::string_view kLookingForTimescale = "look for TimescaleDB in";

// The setting is one of those that the library brings as soon as a server loads it.
constexpr const char* kLookForTimescale =
    "SELECT coalesce(current_setting('timescaledb.disable_load', TRUE) = 'off', FALSE), "
    "coalesce((SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb'), "
    "''), coalesce((SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'), ''), "
    "(SELECT count(*) FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid "
    "WHERE c.relnamespace = current_schema()::regnamespace)";
// From its tables rather than its views: they can be read also if the server does not load it.
constexpr const char* kHypertableNames =
    "SELECT DISTINCT ON (h.id) h.table_name::text, d.column_name::text, "
    "coalesce(current_setting('timescaledb.license', TRUE), '') "
    "FROM _timescaledb_catalog.hypertable h "
    "JOIN _timescaledb_catalog.dimension d ON d.hypertable_id = h.id "
    "WHERE h.schema_name = current_schema() ORDER BY h.id, d.id";
constexpr const char* kLicenseInForce =
    "SELECT coalesce(current_setting('timescaledb.license', TRUE), '')";

}  // namespace

Result<Timescale> look_for_timescale(Connection& connection) {
  auto row = connection.query(kLookForTimescale, Parameters(), kLookingForTimescale);
  if (!row) return std::move(row).error();
  Timescale found;
  found.loaded = row->flag(0, 0);
  found.available = row->bytes(0, 1);
  found.installed = row->bytes(0, 2);
  found.partitioned_tables = static_cast<int>(row->integer(0, 3));
  if (found.installed.empty()) return found;

  auto tables = connection.query(kHypertableNames, Parameters(), kLookingForTimescale);
  if (!tables) return std::move(tables).error();
  for (int i = 0; i < tables->size(); ++i) {
    found.hypertables.emplace(tables->bytes(i, 0), tables->bytes(i, 1));
  }
  if (!found.loaded && !found.hypertables.empty()) {
    return Error{Errc::refused,
                 fmt::format("cannot use {}: its tables are hypertables of TimescaleDB, which the "
                             "server does not load. Set `shared_preload_libraries = "
                             "'timescaledb'` in its postgresql.conf and restart it",
                             connection.place())};
  }
  auto license = connection.query(kLicenseInForce, Parameters(), kLookingForTimescale);
  if (!license) return std::move(license).error();
  found.license = license->bytes(0, 0);
  return found;
}

Dialect dialect_of(const Timescale& timescale, const TimeseriesConfig& config) {
  if (!timescale.hypertables.empty()) return Dialect::timescaledb;
  if (timescale.partitioned_tables > 0 || !timescale.loaded || !config.enabled.value_or(true)) {
    return Dialect::postgresql;
  }
  const bool is_asked_for = config.enabled.value_or(false);
  const bool is_there =
      !timescale.installed.empty() || (is_asked_for && !timescale.available.empty());
  return is_there ? Dialect::timescaledb : Dialect::postgresql;
}

std::vector<std::string> remarks_on(const Timescale& timescale, const TimeseriesConfig& config,
                                    const std::string& place) {
  std::vector<std::string> remarks;
  const bool is_used = !timescale.hypertables.empty();
  if (config.enabled == true && timescale.available.empty()) {
    remarks.push_back(fmt::format(
        "`timeseries.enabled` is true and the server of {} has no TimescaleDB: PostgreSQL itself "
        "cuts the tables by day, and nothing is compressed. Install it, or remove the key",
        place));
  } else if (config.enabled == true && !timescale.loaded) {
    remarks.push_back(fmt::format(
        "`timeseries.enabled` is true and the server of {} has TimescaleDB but does not load it: "
        "set `shared_preload_libraries = 'timescaledb'` in its postgresql.conf and restart it",
        place));
  } else if (config.enabled.value_or(true) && timescale.partitioned_tables > 0 && !is_used &&
             (config.enabled == true || !timescale.installed.empty())) {
    remarks.push_back(fmt::format(
        "{} has TimescaleDB and the tables were made without it; they stay as they are. To use it, "
        "move the data to a new database that has the extension",
        place));
  }
  if (config.enabled == false && is_used) {
    remarks.push_back(fmt::format(
        "`timeseries.enabled` is false and the tables of {} are hypertables; they stay so", place));
  }
  if (is_used && config.compression && !timescale.can_compress()) {
    remarks.push_back(fmt::format(
        "TimescaleDB in {} has the licence `{}`, which is without compression: nothing is "
        "compressed. The setting `timescaledb.license = 'timescale'` of the server allows it",
        place, timescale.license));
  }
  return remarks;
}

}  // namespace unity::db::postgres
