// The conformance suites on a real server with TimescaleDB, whose name the environment must give.
#include "db/postgres_database.hpp"
#include "db/retention_conformance.hpp"
#include "db/storage_conformance.hpp"

namespace unity::test {
namespace {

class TimescaleStorageFixture : public StorageFixture {
 public:
  TimescaleStorageFixture() {
    const auto config = PostgresServer::with_timescale().make_database();
    const auto upgraded = db::upgrade_schema(config, "test");
    if (!upgraded) throw std::runtime_error(upgraded.error().message);
    auto database = db::open_database(config);
    if (!database) throw std::runtime_error(database.error().message);
    database_ = std::move(*database);
  }
  db::Database& database() override { return *database_; }

 private:
  std::unique_ptr<db::Database> database_;
};

class TimescaleFixture : public SchemaFixture {
 public:
  db::DatabaseConfig config() override { return config_; }
  std::vector<std::string> rows(const std::string& sql) override {
    return PostgresInspector(config_).rows(sql);
  }
  std::string time_literal(std::int64_t seconds) override {
    return "to_timestamp(" + std::to_string(seconds) + ")";
  }
  std::shared_ptr<void> begin_reading(const std::string& sql) override {
    auto reader = std::make_shared<PostgresInspector>(config_);
    reader->rows("BEGIN");
    reader->rows(sql);
    return reader;
  }

 private:
  db::DatabaseConfig config_ = PostgresServer::with_timescale().make_database();
};

std::unique_ptr<SchemaFixture> make() { return std::make_unique<TimescaleFixture>(); }

INSTANTIATE_TEST_SUITE_P(Timescaledb, StorageConformance,
                         testing::Values(StorageMaker{
                             "timescaledb",
                             [] { return std::make_unique<TimescaleStorageFixture>(); }}),
                         [](const auto& param_info) { return param_info.param.name; });
INSTANTIATE_TEST_SUITE_P(Timescaledb, SchemaConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Timescaledb, RollupConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Timescaledb, RetentionConformance, testing::Values(make));

}  // namespace
}  // namespace unity::test
