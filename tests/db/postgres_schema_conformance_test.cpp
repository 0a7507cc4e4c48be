// The schema and the jobs of a PostgreSQL database keep the promises of every database.
#include "db/acceptance_conformance.hpp"
#include "db/dataset_conformance.hpp"
#include "db/postgres_database.hpp"
#include "db/query_conformance.hpp"
#include "db/retention_conformance.hpp"
#include "db/rollup_conformance.hpp"
#include "db/verify_conformance.hpp"

namespace unity::test {
namespace {

class PostgresFixture : public SchemaFixture {
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
  db::DatabaseConfig config_ = PostgresServer::shared().make_database();
};

std::unique_ptr<SchemaFixture> make() { return std::make_unique<PostgresFixture>(); }

INSTANTIATE_TEST_SUITE_P(Postgres, SchemaConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Postgres, QueryConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Postgres, RollupConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Postgres, SchemaAcceptance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Postgres, VerifyConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Postgres, RetentionConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Postgres, DatasetConformance, testing::Values(make));

}  // namespace
}  // namespace unity::test
