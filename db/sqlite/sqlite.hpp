// The SQLite adapter: the default, embedded, one file.
#pragma once

#include "sqlite/audit.hpp"
#include "sqlite/catalog.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/reader.hpp"
#include "sqlite/storage.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

class SqliteDatabase : public Database {
 public:
  static Result<std::unique_ptr<SqliteDatabase>> open(const DatabaseConfig& config);

  Storage& storage() override { return storage_; }
  Catalog& catalog() override { return catalog_; }
  Audit& audit() override { return audit_; }
  MetricReader& reader() override { return reader_; }
  Connection& connection() { return *connection_; }

 private:
  SqliteDatabase(std::unique_ptr<Connection> connection, SqliteStorage storage,
                 SqliteCatalog catalog, SqliteAudit audit)
      : connection_(std::move(connection)),
        storage_(std::move(storage)),
        catalog_(std::move(catalog)),
        audit_(std::move(audit)),
        reader_(*connection_) {}

  std::unique_ptr<Connection> connection_;  // first: the others refer to it
  SqliteStorage storage_;
  SqliteCatalog catalog_;
  SqliteAudit audit_;
  SqliteReader reader_;
};

Result<std::unique_ptr<Database>> open_sqlite(const DatabaseConfig& config);
Result<std::unique_ptr<MetricReader>> open_sqlite_reader(const DatabaseConfig& config);
Result<SchemaState> sqlite_schema_state(const DatabaseConfig& config);
Result<std::vector<MigrationState>> upgrade_sqlite(const DatabaseConfig& config,
                                                   std::string_view app_version);

}  // namespace unity::db
