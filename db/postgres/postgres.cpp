#include "postgres/postgres.hpp"

#include "pool/server_database.hpp"
#include "postgres/audit.hpp"
#include "postgres/catalog.hpp"
#include "postgres/history.hpp"
#include "postgres/maintenance.hpp"
#include "postgres/reader.hpp"
#include "postgres/schema_session.hpp"
#include "postgres/storage.hpp"

namespace unity::db {
namespace {

struct Parts {
  using Connection = postgres::Connection;
  using Storage = postgres::PostgresStorage;
  using Catalog = postgres::PostgresCatalog;
  using Reader = postgres::PostgresReader;
  using Audit = postgres::PostgresAudit;
  static constexpr Dialect kDialect = Dialect::postgresql;
  static Result<History> read_history(Connection& connection) {
    return postgres::read_history(connection);
  }
  static Result<std::unique_ptr<SchemaSession>> open_schema(const ServerConfig& server) {
    return postgres::open_schema(server);
  }
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const DatabaseConfig& config) {
  return ServerDatabase<Parts>::open(config);
}

Result<std::unique_ptr<MetricReader>> open_postgres_reader(const DatabaseConfig& config) {
  return ServerReader<Parts>::open(config);
}

Result<std::unique_ptr<SchemaSession>> open_postgres_schema(const DatabaseConfig& config) {
  return postgres::open_schema(config.server);
}

Result<std::unique_ptr<MaintenanceSession>> open_postgres_maintenance(
    const DatabaseConfig& config) {
  return postgres::open_maintenance(config.server);
}

}  // namespace unity::db
