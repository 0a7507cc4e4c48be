// The one list of adapters.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "memory/memory.hpp"
#include "postgres/postgres.hpp"
#include "sqlite/sqlite.hpp"
#include "unity/db/open.hpp"

namespace unity::db {
namespace {

struct Adapter {
  std::string_view type;
  Result<std::unique_ptr<Database>> (*open)(const DatabaseConfig&);
  Result<std::unique_ptr<MetricReader>> (*open_reader)(const DatabaseConfig&);
  Result<SchemaState> (*schema_state)(const DatabaseConfig&);
  Result<std::vector<MigrationState>> (*upgrade)(const DatabaseConfig&, std::string_view);
};

// Sorted by type.
constexpr Adapter kAdapters[] = {
    {"memory", open_memory, open_memory_reader, memory_schema_state, upgrade_memory},
    {"postgresql", open_postgres, open_postgres_reader, postgres_schema_state, upgrade_postgres},
    {"sqlite", open_sqlite, open_sqlite_reader, sqlite_schema_state, upgrade_sqlite},
};

Result<const Adapter*> find_adapter(const DatabaseConfig& config) {
  const auto* found = std::find_if(std::begin(kAdapters), std::end(kAdapters),
                                   [&config](const Adapter& a) { return a.type == config.type; });
  if (found != std::end(kAdapters)) return found;
  return Error{Errc::invalid, fmt::format("there is no database type \"{}\"; the types are {}",
                                          config.type, fmt::join(database_types(), ", "))};
}

}  // namespace

std::vector<std::string> database_types() {
  std::vector<std::string> types;
  for (const auto& adapter : kAdapters) types.emplace_back(adapter.type);
  return types;
}

std::string place_of(const DatabaseConfig& config) {
  if (config.type == "postgresql") return postgres::place_of(config.server);
  return config.path.string();
}

Result<std::unique_ptr<Database>> open_database(const DatabaseConfig& config) {
  const auto adapter = find_adapter(config);
  if (!adapter) return adapter.error();
  return (*adapter)->open(config);
}

Result<std::unique_ptr<MetricReader>> open_reader(const DatabaseConfig& config) {
  const auto adapter = find_adapter(config);
  if (!adapter) return adapter.error();
  return (*adapter)->open_reader(config);
}

Result<SchemaState> schema_state(const DatabaseConfig& config) {
  const auto adapter = find_adapter(config);
  if (!adapter) return adapter.error();
  return (*adapter)->schema_state(config);
}

Result<std::vector<MigrationState>> upgrade_schema(const DatabaseConfig& config,
                                                   std::string_view app_version) {
  const auto adapter = find_adapter(config);
  if (!adapter) return adapter.error();
  return (*adapter)->upgrade(config, app_version);
}

}  // namespace unity::db
