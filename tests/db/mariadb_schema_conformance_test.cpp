// The schema and the jobs of a MariaDB database keep the promises of every database.
#include "db/acceptance_conformance.hpp"
#include "db/dataset_conformance.hpp"
#include "db/mariadb_database.hpp"
#include "db/query_conformance.hpp"
#include "db/retention_conformance.hpp"
#include "db/rollup_conformance.hpp"
#include "db/verify_conformance.hpp"

namespace unity::test {
namespace {

class MariadbFixture : public SchemaFixture {
 public:
  db::DatabaseConfig config() override { return config_; }
  std::vector<std::string> rows(const std::string& sql) override {
    return MariadbInspector(config_).rows(sql);
  }
  std::string time_literal(std::int64_t seconds) override {
    return std::to_string(seconds * 1'000'000);
  }
  std::shared_ptr<void> begin_reading(const std::string& sql) override {
    auto reader = std::make_shared<MariadbInspector>(config_);
    reader->rows("BEGIN");
    reader->rows(sql);
    return reader;
  }

 private:
  db::DatabaseConfig config_ = MariadbServer::shared().make_database();
};

std::unique_ptr<SchemaFixture> make() { return std::make_unique<MariadbFixture>(); }

INSTANTIATE_TEST_SUITE_P(Mariadb, SchemaConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Mariadb, QueryConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Mariadb, RollupConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Mariadb, SchemaAcceptance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Mariadb, VerifyConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Mariadb, RetentionConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Mariadb, DatasetConformance, testing::Values(make));

}  // namespace
}  // namespace unity::test
