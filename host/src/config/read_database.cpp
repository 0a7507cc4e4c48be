#include <fmt/format.h>

#include "config/database_type.hpp"
#include "config/sections.hpp"

namespace unity::host {
namespace {

using std::chrono::hours;

struct Timeseries {};

constexpr Key<Timeseries> kTimeseriesKeys[] = {
    {"enabled", [](Reader& r, const Entry& e, Timeseries&) { r.flag(e); }},
    {"compression", [](Reader& r, const Entry& e, Timeseries&) { r.flag(e); }},
    {"retention_days", [](Reader& r, const Entry& e, Timeseries&) { r.whole(e, 1, 36'500); }},
};

void read_type(Reader& reader, const Entry& entry, db::DatabaseConfig& database) {
  auto type = reader.text(entry);
  if (!type) return;
  if (const auto known = check_database_type(*type); !known) {
    reader.error(entry.value.place, known.error().message);
  }
  database.type = std::move(*type);
}

// A server's keys are checked for their types only; see warn_unused().
constexpr Key<db::DatabaseConfig> kKeys[] = {
    {"type", read_type},
    {"path", [](Reader& r, const Entry& e, db::DatabaseConfig& d) { assign(d.path, r.text(e)); }},
    {"host", [](Reader& r, const Entry& e, db::DatabaseConfig&) { r.text(e); }},
    {"port", [](Reader& r, const Entry& e, db::DatabaseConfig&) { r.whole(e, 1, 65'535); }},
    {"database", [](Reader& r, const Entry& e, db::DatabaseConfig&) { r.text(e); }},
    {"username", [](Reader& r, const Entry& e, db::DatabaseConfig&) { r.text(e); }},
    {"password", [](Reader& r, const Entry& e, db::DatabaseConfig&) { r.text_or_empty(e); }},
    {"sslmode",
     [](Reader& r, const Entry& e, db::DatabaseConfig&) {
       r.choice(e, {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"});
     }},
    {"pool_size", [](Reader& r, const Entry& e, db::DatabaseConfig&) { r.whole(e, 1, 1000); },
     true},
    {"max_overflow", [](Reader& r, const Entry& e, db::DatabaseConfig&) { r.whole(e, 0, 1000); },
     true},
    {"pool_timeout",
     [](Reader& r, const Entry& e, db::DatabaseConfig&) {
       r.duration(e, Duration::zero(), kLongestWait);
     },
     true},
    {"pool_recycle",
     [](Reader& r, const Entry& e, db::DatabaseConfig&) {
       r.duration(e, Duration::zero(), hours(24 * 365));
     },
     true},
    {"pre_ping", [](Reader& r, const Entry& e, db::DatabaseConfig&) { r.flag(e); }, true},
    {"timeseries",
     [](Reader& r, const Entry& e, db::DatabaseConfig&) {
       Timeseries timeseries;
       r.section(e, kTimeseriesKeys, timeseries);
     },
     true},
};

// The keys of a server beside `type: sqlite` hint at a type that was forgotten.
void warn_unused(Reader& reader, const Node& section) {
  for (const auto* key : {"host", "port", "database", "username", "password", "sslmode"}) {
    if (const auto* entry = section.find(key)) {
      reader.warning(entry->key_place, fmt::format("`{}` has no effect with sqlite", key));
    }
  }
}

}  // namespace

void read_database(Reader& reader, const Entry& entry, db::DatabaseConfig& database) {
  reader.section(entry, kKeys, database);
  if (database.type == "sqlite") warn_unused(reader, entry.value);
}

}  // namespace unity::host
