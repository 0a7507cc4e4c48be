// A database on a server, put together of the parts of its adapter, which share a pool of sessions.
#pragma once

#include <fmt/format.h>

#include "datasets/keeper.hpp"
#include "migrate/plan.hpp"
#include "migrations/list.hpp"
#include "pool/pool.hpp"
#include "query/query_reader.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

template <class Parts>
Result<void> require_head(const History& history, std::string_view place) {
  return require_head(all_migrations(), Parts::kDialect, history, place);
}

// `Parts` names the types of an adapter: Connection, Storage, Catalog, Reader, Audit; its dialect,
// how the history is read in a session, and how a session is opened that changes the schema.
template <class Parts>
class ServerDatabase : public Database {
 public:
  static Result<std::unique_ptr<Database>> open(const DatabaseConfig& config) {
    auto database = std::make_unique<ServerDatabase>(config.server);
    if (auto prepared = database->prepare(); !prepared) return std::move(prepared).error();
    return std::unique_ptr<Database>(std::move(database));
  }

  explicit ServerDatabase(const ServerConfig& server)
      : pool_(server.pool, [server] { return Parts::Connection::open(server); }),
        datasets_([server] { return Parts::open_schema(server); },
                  [server] { return Parts::open_schema(server); }),
        storage_(pool_, datasets_),
        catalog_(pool_, datasets_),
        reader_(pool_),
        audit_(pool_) {}

  Storage& storage() override { return storage_; }
  Catalog& catalog() override { return catalog_; }
  MetricReader& reader() override { return reader_; }
  Audit& audit() override { return audit_; }
  std::optional<PoolState> pool() const override { return pool_.state(); }

 private:
  Result<void> prepare() {
    {
      auto connection = pool_.take("the start");
      if (!connection) return std::move(connection).error();
      auto history = Parts::read_history(**connection);
      if (!history) return std::move(history).error();
      if (auto at_head = require_head<Parts>(*history, (*connection)->place()); !at_head) {
        return at_head;
      }
    }
    if (auto prepared = storage_.prepare(); !prepared) return prepared;
    return audit_.prepare();
  }

  Pool<typename Parts::Connection> pool_;  // first: the others refer to it
  DatasetKeeper datasets_;
  typename Parts::Storage storage_;
  typename Parts::Catalog catalog_;
  typename Parts::Reader reader_;
  typename Parts::Audit audit_;
};

// A reader with sessions of its own.
template <class Parts>
class ServerReader : public QueryReader {
 public:
  static Result<std::unique_ptr<MetricReader>> open(const DatabaseConfig& config) {
    auto reader = std::make_unique<ServerReader>(config.server);
    if (auto prepared = reader->prepare(); !prepared) return std::move(prepared).error();
    return std::unique_ptr<MetricReader>(std::move(reader));
  }

  explicit ServerReader(const ServerConfig& server)
      : pool_(server.pool, [server] { return Parts::Connection::open(server); }), reader_(pool_) {}

  Result<void> in_view(const QueryReader::Read& read) override { return reader_.in_view(read); }

 private:
  Result<void> prepare() {
    auto connection = pool_.take("the start");
    if (!connection) return std::move(connection).error();
    auto history = Parts::read_history(**connection);
    if (!history) return std::move(history).error();
    if (history->owner == History::Owner::nobody) {
      return Error{Errc::not_found,
                   fmt::format("cannot read {}: nothing has been stored yet: start the host with "
                               "`unity run`",
                               (*connection)->place())};
    }
    return require_head<Parts>(*history, (*connection)->place());
  }

  Pool<typename Parts::Connection> pool_;
  typename Parts::Reader reader_;
};

}  // namespace unity::db
