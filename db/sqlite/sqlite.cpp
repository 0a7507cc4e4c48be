#include "sqlite/sqlite.hpp"

#include <fmt/format.h>

#include "migrate/upgrade.hpp"
#include "migrations/list.hpp"
#include "sqlite/history.hpp"
#include "sqlite/schema.hpp"

namespace unity::db {
namespace {

// A reader that has the file to itself.
class OwningReader : public MetricReader {
 public:
  explicit OwningReader(Connection connection)
      : connection_(std::move(connection)), reader_(connection_) {}

  Result<std::vector<Point>> latest(std::string_view metric) override {
    return reader_.latest(metric);
  }
  Result<std::vector<Point>> range(std::string_view metric, Time from, Time to,
                                   std::size_t limit) override {
    return reader_.range(metric, from, to, limit);
  }

 private:
  Connection connection_;
  SqliteReader reader_;
};

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
  SqliteHistory history(*connection);
  if (auto at_head = require_head(history, all_migrations()); !at_head) {
    return std::move(at_head).error();
  }
  auto storage = SqliteStorage::open(*connection);
  if (!storage) return std::move(storage).error();
  auto catalog = SqliteCatalog::open(*connection);
  if (!catalog) return std::move(catalog).error();
  auto audit = SqliteAudit::open(*connection);
  if (!audit) return std::move(audit).error();
  return std::unique_ptr<SqliteDatabase>(new SqliteDatabase(
      std::move(connection), std::move(*storage), std::move(*catalog), std::move(*audit)));
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
  SqliteHistory history(*connection);
  const auto applied = history.read();
  if (!applied) return applied.error();
  if (!applied->has_value()) return nothing;
  if (auto at_head = require_head(history, all_migrations()); !at_head) {
    return std::move(at_head).error();
  }
  return std::unique_ptr<MetricReader>(std::make_unique<OwningReader>(std::move(*connection)));
}

Result<SchemaState> sqlite_schema_state(const DatabaseConfig& config) {
  return sqlite_schema_state(config.path, all_migrations());
}

Result<std::vector<MigrationState>> upgrade_sqlite(const DatabaseConfig& config,
                                                   std::string_view app_version) {
  return upgrade_sqlite(config.path, all_migrations(), app_version);
}

}  // namespace unity::db
