// The one list of adapters.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "mariadb/ask.hpp"
#include "mariadb/create.hpp"
#include "mariadb/login.hpp"
#include "mariadb/mariadb.hpp"
#include "mariadb/transfer.hpp"
#include "memory/memory.hpp"
#include "postgres/ask.hpp"
#include "postgres/connection.hpp"
#include "postgres/create.hpp"
#include "postgres/postgres.hpp"
#include "postgres/transfer.hpp"
#include "registry.hpp"
#include "sqlite/ask.hpp"
#include "sqlite/create.hpp"
#include "sqlite/maintenance.hpp"
#include "sqlite/schema_session.hpp"
#include "sqlite/sqlite.hpp"
#include "sqlite/transfer.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::db {
namespace {

// What an adapter has; null: a database of this type has nothing of the kind.
struct Adapter {
  std::string_view type;
  Result<std::unique_ptr<Database>> (*open)(const DatabaseConfig&) = nullptr;
  Result<std::unique_ptr<MetricReader>> (*open_reader)(const DatabaseConfig&) = nullptr;
  Result<std::unique_ptr<SchemaSession>> (*look_at_schema)(const DatabaseConfig&) = nullptr;
  Result<std::unique_ptr<SchemaSession>> (*open_schema)(const DatabaseConfig&) = nullptr;
  Result<bool> (*create_database)(const DatabaseConfig&) = nullptr;
  Result<Scratch> (*make_scratch)(const DatabaseConfig&) = nullptr;
  Result<std::unique_ptr<MaintenanceSession>> (*open_maintenance)(const DatabaseConfig&) = nullptr;
  Result<std::unique_ptr<AskSession>> (*open_ask_session)(const DatabaseConfig&) = nullptr;
  Result<std::unique_ptr<transfer::TransferSession>> (*open_transfer)(const DatabaseConfig&,
                                                                      transfer::Access) = nullptr;
};

// Sorted by type.
constexpr Adapter kAdapters[] = {
    {.type = "mariadb",
     .open = open_mariadb,
     .open_reader = open_mariadb_reader,
     .look_at_schema = open_mariadb_schema,
     .open_schema = open_mariadb_schema,
     .create_database = mariadb::create_database,
     .make_scratch = mariadb::make_scratch,
     .open_maintenance = open_mariadb_maintenance,
     .open_ask_session =
         [](const DatabaseConfig& config) { return mariadb::open_ask_session(config.server); },
     .open_transfer = open_mariadb_transfer},
    {.type = "memory", .open = open_memory, .open_reader = open_memory_reader},
    {.type = "postgresql",
     .open = open_postgres,
     .open_reader = open_postgres_reader,
     .look_at_schema = open_postgres_schema,
     .open_schema = open_postgres_schema,
     .create_database = postgres::create_database,
     .make_scratch = postgres::make_scratch,
     .open_maintenance = open_postgres_maintenance,
     .open_ask_session =
         [](const DatabaseConfig& config) { return postgres::open_ask_session(config.server); },
     .open_transfer = open_postgres_transfer},
    {.type = "sqlite",
     .open = open_sqlite,
     .open_reader = open_sqlite_reader,
     .look_at_schema = look_at_sqlite_schema,
     .open_schema = open_sqlite_schema,
     .create_database = create_sqlite_database,
     .make_scratch = make_sqlite_scratch,
     .open_maintenance = open_sqlite_maintenance,
     .open_ask_session = open_sqlite_ask_session,
     .open_transfer = open_sqlite_transfer},
};

Result<const Adapter*> find_adapter(const DatabaseConfig& config) {
  const auto* found = std::find_if(std::begin(kAdapters), std::end(kAdapters),
                                   [&config](const Adapter& a) { return a.type == config.type; });
  if (found != std::end(kAdapters)) return found;
  return Error{Errc::invalid, fmt::format("there is no database type \"{}\"; the types are {}",
                                          config.type, fmt::join(database_types(), ", "))};
}

// What the adapter's function returns; nothing of the kind if it has none.
template <class T, class... Arguments>
Result<T> call(Result<T> (*Adapter::*function)(const DatabaseConfig&, Arguments...),
               const DatabaseConfig& config, Arguments... arguments) {
  const auto adapter = find_adapter(config);
  if (!adapter) return adapter.error();
  if ((*adapter)->*function == nullptr) return T();
  return ((*adapter)->*function)(config, arguments...);
}

}  // namespace

std::vector<std::string> database_types() {
  std::vector<std::string> types;
  for (const auto& adapter : kAdapters) types.emplace_back(adapter.type);
  return types;
}

std::string place_of(const DatabaseConfig& config) {
  if (config.type == "mariadb") return mariadb::place_of(config.server);
  if (config.type == "postgresql") return postgres::place_of(config.server);
  return config.path.string();
}

Result<std::unique_ptr<Database>> open_database(const DatabaseConfig& config) {
  return call(&Adapter::open, config);
}

Result<std::unique_ptr<MetricReader>> open_reader(const DatabaseConfig& config) {
  return call(&Adapter::open_reader, config);
}

Result<std::unique_ptr<SchemaSession>> look_at_schema(const DatabaseConfig& config) {
  return call(&Adapter::look_at_schema, config);
}

Result<std::unique_ptr<SchemaSession>> open_schema(const DatabaseConfig& config) {
  return call(&Adapter::open_schema, config);
}

Result<bool> create_database(const DatabaseConfig& config) {
  return call(&Adapter::create_database, config);
}

Result<Scratch> make_scratch(const DatabaseConfig& config) {
  const auto adapter = find_adapter(config);
  if (!adapter) return adapter.error();
  if ((*adapter)->make_scratch != nullptr) return (*adapter)->make_scratch(config);
  return Error{Errc::invalid, fmt::format("a database of type \"{}\" has no schema", config.type)};
}

Result<std::unique_ptr<AskSession>> open_ask_session(const DatabaseConfig& config) {
  return call(&Adapter::open_ask_session, config);
}

Result<std::unique_ptr<MaintenanceSession>> open_maintenance_session(const DatabaseConfig& config) {
  return call(&Adapter::open_maintenance, config);
}

Result<std::unique_ptr<transfer::TransferSession>> open_transfer_session(
    const DatabaseConfig& config, transfer::Access access) {
  auto session = call(&Adapter::open_transfer, config, access);
  if (!session || *session != nullptr) return session;
  return Error{
      Errc::refused,
      fmt::format("a database of type \"{}\" keeps nothing that could be moved", config.type)};
}

}  // namespace unity::db
