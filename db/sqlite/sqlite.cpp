#include "sqlite/sqlite.hpp"

#include <fmt/format.h>

#include "migrations/list.hpp"
#include "sqlite/history.hpp"
#include "sqlite/schema_session.hpp"

namespace unity::db {
namespace {

// A reader that has the file to itself.
class OwningReader : public QueryReader {
 public:
  explicit OwningReader(Connection connection)
      : connection_(std::move(connection)), reader_(connection_) {}

  Result<void> in_view(const Read& read) override { return reader_.in_view(read); }

 private:
  Connection connection_;
  SqliteReader reader_;
};

Result<void> require_head(const History& history, const DatabaseConfig& config) {
  return require_head(all_migrations(), Dialect::sqlite, history, config.path.string());
}

bool is_missing(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at fails with a better message when opened
  return std::filesystem::status(path, ignored).type() == std::filesystem::file_type::not_found;
}

}  // namespace

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const DatabaseConfig& config) {
  if (is_missing(config.path)) {
    return Error{Errc::refused, fmt::format("there is no database {} yet: run `unity db upgrade`",
                                            config.path.string())};
  }
  auto opened = Connection::open(config.path, OpenMode::read_write);
  if (!opened) return std::move(opened).error();
  auto connection = std::make_unique<Connection>(std::move(*opened));
  auto history = read_history(*connection);
  if (!history) return std::move(history).error();
  if (auto at_head = require_head(*history, config); !at_head) return std::move(at_head).error();
  auto datasets =
      std::make_unique<DatasetKeeper>([config] { return look_at_sqlite_schema(config); },
                                      [config] { return open_sqlite_schema(config); });
  auto storage = SqliteStorage::open(*connection, *datasets);
  if (!storage) return std::move(storage).error();
  auto catalog = SqliteCatalog::open(*connection, *datasets);
  if (!catalog) return std::move(catalog).error();
  auto audit = SqliteAudit::open(*connection);
  if (!audit) return std::move(audit).error();
  return std::unique_ptr<SqliteDatabase>(
      new SqliteDatabase(std::move(connection), std::move(*storage), std::move(datasets),
                         std::move(*catalog), std::move(*audit)));
}

Result<std::unique_ptr<Database>> open_sqlite(const DatabaseConfig& config) {
  auto database = SqliteDatabase::open(config);
  if (!database) return std::move(database).error();
  return std::unique_ptr<Database>(std::move(*database));
}

Result<std::unique_ptr<MetricReader>> open_sqlite_reader(const DatabaseConfig& config) {
  const Error nothing{Errc::not_found,
                      fmt::format("cannot read {}: nothing has been stored yet: start the host "
                                  "with `unity run`",
                                  config.path.string())};
  if (is_missing(config.path)) return nothing;
  auto connection = Connection::open(config.path, OpenMode::read_only);
  if (!connection) return std::move(connection).error();
  const auto history = read_history(*connection);
  if (!history) return history.error();
  if (history->owner == History::Owner::nobody) return nothing;
  if (auto at_head = require_head(*history, config); !at_head) return std::move(at_head).error();
  return std::unique_ptr<MetricReader>(std::make_unique<OwningReader>(std::move(*connection)));
}

}  // namespace unity::db
