#include "mariadb/mariadb.hpp"

#include "mariadb/audit.hpp"
#include "mariadb/catalog.hpp"
#include "mariadb/history.hpp"
#include "mariadb/maintenance.hpp"
#include "mariadb/reader.hpp"
#include "mariadb/schema_session.hpp"
#include "mariadb/storage.hpp"
#include "pool/server_database.hpp"

namespace unity::db {
namespace {

struct Parts {
  using Connection = mariadb::Connection;
  using Storage = mariadb::MariadbStorage;
  using Catalog = mariadb::MariadbCatalog;
  using Reader = mariadb::MariadbReader;
  using Audit = mariadb::MariadbAudit;
  static constexpr Dialect kDialect = Dialect::mariadb;
  static Result<History> read_history(Connection& connection) {
    return mariadb::read_history(connection);
  }
  static Result<std::unique_ptr<SchemaSession>> open_schema(const ServerConfig& server) {
    return mariadb::open_schema(server);
  }
};

}  // namespace

Result<std::unique_ptr<Database>> open_mariadb(const DatabaseConfig& config) {
  return ServerDatabase<Parts>::open(config);
}

Result<std::unique_ptr<MetricReader>> open_mariadb_reader(const DatabaseConfig& config) {
  return ServerReader<Parts>::open(config);
}

Result<std::unique_ptr<SchemaSession>> open_mariadb_schema(const DatabaseConfig& config) {
  return mariadb::open_schema(config.server);
}

Result<std::unique_ptr<MaintenanceSession>> open_mariadb_maintenance(const DatabaseConfig& config) {
  return mariadb::open_maintenance(config.server);
}

}  // namespace unity::db
