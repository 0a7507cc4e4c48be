#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "config/database_type.hpp"
#include "config/files.hpp"
#include "config/sections.hpp"
#include "config/server_url.hpp"

namespace unity::host {
namespace {

using db::DatabaseConfig;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::size_t kPasswordMax = std::size_t{64} << 10;
constexpr Duration kShortestTimeout = milliseconds(100);

// `auto` leaves it to what the database has.
void read_enabled(Reader& reader, const Entry& entry, db::TimeseriesConfig& timeseries) {
  const auto word = reader.choice(entry, {"auto", "true", "false"});
  if (!word) return;
  timeseries.enabled = *word == "auto" ? std::nullopt : std::optional(*word == "true");
}

constexpr Key<db::TimeseriesConfig> kTimeseriesKeys[] = {
    {"enabled", read_enabled},
    {"compression",
     [](Reader& r, const Entry& e, db::TimeseriesConfig& t) { assign(t.compression, r.flag(e)); }},
    {"compress_after",
     [](Reader& r, const Entry& e, db::TimeseriesConfig& t) {
       assign(t.compress_after, r.duration(e, hours(24), hours(24 * 36'500)));
     }},
    // Compared with retention.raw_metrics, which alone has an effect, by check_retention_days().
    {"retention_days",
     [](Reader& r, const Entry& e, db::TimeseriesConfig&) { r.whole(e, 1, kRetentionDaysMax); }},
};

void read_type(Reader& reader, const Entry& entry, DatabaseConfig& database) {
  const auto name = reader.text(entry);
  if (!name) return;
  database.type = database_type_of(*name);
  if (const auto known = check_database_type(database.type); !known) {
    reader.error(entry.value.place, known.error().message);
  }
}

// Messages never repeat the URL: it may hold a password.
void read_url(Reader& reader, const Entry& entry, DatabaseConfig& database) {
  const auto url = reader.text(entry);
  if (!url) return;
  auto parsed = parse_database_url(*url);
  if (!parsed) return reader.error(entry.value.place, parsed.error().message);
  // What no URL says.
  parsed->server.connect_timeout = database.server.connect_timeout;
  parsed->server.statement_timeout = database.server.statement_timeout;
  parsed->server.pool = database.server.pool;
  parsed->server.timeseries = database.server.timeseries;
  database = std::move(*parsed);
}

void read_password_file(Reader& reader, const Entry& entry, DatabaseConfig& database) {
  const auto file = reader.path(entry);
  if (!file) return;
  auto text = read_file(*file, kPasswordMax);
  if (!text) {
    return reader.error(entry.value.place, fmt::format("the password file {} {}", file->string(),
                                                       text.error().message));
  }
  if (text->ends_with('\n')) text->pop_back();
  database.server.password = std::move(*text);
}

void read_sslrootcert(Reader& reader, const Entry& entry, DatabaseConfig& database) {
  const auto file = reader.path(entry);
  if (!file) return;
  // Found out now, and not from a server's refusal.
  if (::access(file->c_str(), R_OK) != 0) {
    return reader.error(entry.value.place,
                        fmt::format("the certificates in {} cannot be read: {}", file->string(),
                                    std::generic_category().message(errno)));
  }
  database.server.sslrootcert = file->string();
}

void read_pre_ping(Reader& reader, const Entry& entry, DatabaseConfig& database) {
  const auto word = reader.choice(entry, {"auto", "true", "false"});
  if (!word) return;
  database.server.pool.pre_ping = *word == "auto"   ? db::PrePing::automatic
                                  : *word == "true" ? db::PrePing::always
                                                    : db::PrePing::never;
}

// `url` is read last, whatever the order in the file: see read_database().
void skip(Reader&, const Entry&, DatabaseConfig&) {}

constexpr Key<DatabaseConfig> kKeys[] = {
    {"type", read_type},
    {"url", skip},
    {"path", [](Reader& r, const Entry& e, DatabaseConfig& d) { assign(d.path, r.text(e)); }},
    {"host",
     [](Reader& r, const Entry& e, DatabaseConfig& d) { assign(d.server.host, r.text(e)); }},
    {"port", [](Reader& r, const Entry& e,
                DatabaseConfig& d) { assign(d.server.port, r.whole(e, 1, 65'535)); }},
    {"database",
     [](Reader& r, const Entry& e, DatabaseConfig& d) { assign(d.server.database, r.text(e)); }},
    {"username",
     [](Reader& r, const Entry& e, DatabaseConfig& d) { assign(d.server.username, r.text(e)); }},
    {"password", [](Reader& r, const Entry& e,
                    DatabaseConfig& d) { assign(d.server.password, r.text_or_empty(e)); }},
    {"password_file", read_password_file},
    {"sslmode",
     [](Reader& r, const Entry& e, DatabaseConfig& d) {
       assign(d.server.sslmode,
              r.choice(e, {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}));
     }},
    {"sslrootcert", read_sslrootcert},
    {"connect_timeout",
     [](Reader& r, const Entry& e, DatabaseConfig& d) {
       assign(d.server.connect_timeout, r.duration(e, kShortestTimeout, kLongestWait));
     }},
    {"statement_timeout",
     [](Reader& r, const Entry& e, DatabaseConfig& d) {
       assign(d.server.statement_timeout, r.duration(e, kShortestTimeout, kLongestWait));
     }},
    {"pool_size", [](Reader& r, const Entry& e,
                     DatabaseConfig& d) { assign(d.server.pool.pool_size, r.whole(e, 1, 1000)); }},
    {"max_overflow",
     [](Reader& r, const Entry& e, DatabaseConfig& d) {
       assign(d.server.pool.max_overflow, r.whole(e, 0, 1000));
     }},
    {"pool_timeout",
     [](Reader& r, const Entry& e, DatabaseConfig& d) {
       assign(d.server.pool.pool_timeout, r.duration(e, Duration::zero(), kLongestWait));
     }},
    {"pool_recycle",
     [](Reader& r, const Entry& e, DatabaseConfig& d) {
       assign(d.server.pool.pool_recycle, r.duration(e, Duration::zero(), hours(24 * 365)));
     }},
    {"pre_ping", read_pre_ping},
    {"max_waiters",
     [](Reader& r, const Entry& e, DatabaseConfig& d) {
       assign(d.server.pool.max_waiters, r.whole(e, 0, 100'000));
     }},
    {"leak_warn_after",
     [](Reader& r, const Entry& e, DatabaseConfig& d) {
       assign(d.server.pool.leak_warn_after, r.duration(e, Duration::zero(), hours(24 * 365)));
     }},
    {"timeseries", [](Reader& r, const Entry& e,
                      DatabaseConfig& d) { r.section(e, kTimeseriesKeys, d.server.timeseries); }},
};

// What a URL says, in keys of their own.
constexpr const char* kInUrl[] = {"type",     "path",       "host",     "port",
                                  "database", "username",   "password", "password_file",
                                  "sslmode",  "sslrootcert"};
constexpr const char* kOfServers[] = {
    "host",          "port",           "database",     "username",        "password",
    "password_file", "sslmode",        "sslrootcert",  "connect_timeout", "statement_timeout",
    "pool_size",     "max_overflow",   "pool_timeout", "pool_recycle",    "pre_ping",
    "max_waiters",   "leak_warn_after"};

// Keys that the type does not use hint at a type that was forgotten.
void warn_unused(Reader& reader, const Node& section, const std::string& type) {
  const auto warn = [&](const char* key) {
    if (const auto* entry = section.find(key)) {
      reader.warning(entry->key_place, fmt::format("`{}` has no effect with {}", key, type));
    }
  };
  if (type == "sqlite") std::for_each(std::begin(kOfServers), std::end(kOfServers), warn);
  if (type == "mariadb" || type == "postgresql") warn("path");
  if (type != "postgresql") warn("timeseries");
}

}  // namespace

void read_database(Reader& reader, const Entry& entry, DatabaseConfig& database) {
  reader.section(entry, kKeys, database);
  const auto& section = entry.value;
  if (const auto* url = section.find("url")) {
    for (const auto* key : kInUrl) {
      if (const auto* other = section.find(key)) {
        reader.error(other->key_place, fmt::format("`{}` is said by `url` already", key));
      }
    }
    read_url(reader, *url, database);
  }
  if (const auto* authorities = section.find("sslrootcert");
      authorities != nullptr && !verifies(database.server)) {
    reader.error(authorities->key_place, std::string(kUnverified));
  }
  if (section.find("password_file") != nullptr && section.find("password") != nullptr) {
    reader.error(section.find("password_file")->key_place,
                 "`password` and `password_file` say the same thing; keep one of them");
  }
  warn_unused(reader, section, database.type);
}

}  // namespace unity::host
