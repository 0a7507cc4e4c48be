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
                 std::unique_ptr<DatasetKeeper> datasets, SqliteCatalog catalog, SqliteAudit audit)
      : datasets_(std::move(datasets)),
        connection_(std::move(connection)),
        storage_(std::move(storage)),
        catalog_(std::move(catalog)),
        audit_(std::move(audit)),
        reader_(*connection_) {}

  std::unique_ptr<DatasetKeeper> datasets_;
  std::unique_ptr<Connection> connection_;  // first: the others refer to it
  SqliteStorage storage_;
  SqliteCatalog catalog_;
  SqliteAudit audit_;
  SqliteReader reader_;
};

Result<std::unique_ptr<Database>> open_sqlite(const DatabaseConfig& config);
Result<std::unique_ptr<MetricReader>> open_sqlite_reader(const DatabaseConfig& config);

}  // namespace unity::db
