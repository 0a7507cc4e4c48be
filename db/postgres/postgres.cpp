#include "postgres/postgres.hpp"

#include <fmt/format.h>

#include "migrate/upgrade.hpp"
#include "migrations/list.hpp"
#include "postgres/history.hpp"
#include "postgres/schema.hpp"

namespace unity::db {
namespace {

using postgres::Connection;
using postgres::SessionPool;

SessionPool::Connect connector(const ServerConfig& server) {
  return [server] { return Connection::open(server); };
}

class PostgresDatabase : public Database {
 public:
  explicit PostgresDatabase(const ServerConfig& server)
      : pool_(server.pool, connector(server)),
        storage_(pool_),
        catalog_(pool_),
        reader_(pool_),
        audit_(pool_) {}

  Result<void> prepare() {
    {
      auto connection = pool_.take("the start");
      if (!connection) return std::move(connection).error();
      postgres::PostgresHistory history(**connection);
      if (auto at_head = require_head(history, all_migrations()); !at_head) return at_head;
    }
    if (auto prepared = storage_.prepare(); !prepared) return prepared;
    return audit_.prepare();
  }

  Storage& storage() override { return storage_; }
  Catalog& catalog() override { return catalog_; }
  MetricReader& reader() override { return reader_; }
  Audit& audit() override { return audit_; }

 private:
  SessionPool pool_;  // first: the others refer to it
  postgres::PostgresStorage storage_;
  postgres::PostgresCatalog catalog_;
  postgres::PostgresReader reader_;
  postgres::PostgresAudit audit_;
};

// A reader with sessions of its own.
class OwningReader : public MetricReader {
 public:
  explicit OwningReader(const ServerConfig& server)
      : pool_(server.pool, connector(server)), reader_(pool_) {}

  Result<void> prepare() {
    auto connection = pool_.take("the start");
    if (!connection) return std::move(connection).error();
    postgres::PostgresHistory history(**connection);
    auto applied = history.read();
    if (!applied) return std::move(applied).error();
    if (!applied->has_value()) {
      return Error{Errc::not_found,
                   fmt::format("cannot read {}: nothing has been stored yet: start the host with "
                               "`unity run`",
                               (*connection)->place())};
    }
    return require_head(history, all_migrations());
  }
  Result<std::vector<Point>> latest(std::string_view metric) override {
    return reader_.latest(metric);
  }
  Result<std::vector<Point>> range(std::string_view metric, Time from, Time to,
                                   std::size_t limit) override {
    return reader_.range(metric, from, to, limit);
  }

 private:
  SessionPool pool_;
  postgres::PostgresReader reader_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const DatabaseConfig& config) {
  auto database = std::make_unique<PostgresDatabase>(config.server);
  if (auto prepared = database->prepare(); !prepared) return std::move(prepared).error();
  return std::unique_ptr<Database>(std::move(database));
}

Result<std::unique_ptr<MetricReader>> open_postgres_reader(const DatabaseConfig& config) {
  auto reader = std::make_unique<OwningReader>(config.server);
  if (auto prepared = reader->prepare(); !prepared) return std::move(prepared).error();
  return std::unique_ptr<MetricReader>(std::move(reader));
}

Result<SchemaState> postgres_schema_state(const DatabaseConfig& config) {
  return postgres::read_schema_state(config.server, all_migrations());
}

Result<std::vector<MigrationState>> upgrade_postgres(const DatabaseConfig& config,
                                                     std::string_view app_version) {
  return postgres::upgrade(config.server, all_migrations(), app_version);
}

}  // namespace unity::db
