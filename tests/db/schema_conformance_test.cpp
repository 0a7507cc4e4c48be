// The schema and the jobs of an SQLite file keep the promises of every database.
#include "db/acceptance_conformance.hpp"
#include "db/dataset_conformance.hpp"
#include "db/inspect.hpp"
#include "db/query_conformance.hpp"
#include "db/retention_conformance.hpp"
#include "db/rollup_conformance.hpp"
#include "db/verify_conformance.hpp"
#include "support/temp_dir.hpp"

namespace unity::test {
namespace {

class SqliteFixture : public SchemaFixture {
 public:
  db::DatabaseConfig config() override { return {"sqlite", dir_ / "unity.db"}; }
  std::vector<std::string> rows(const std::string& sql) override {
    return Inspector(dir_ / "unity.db").rows(sql);
  }
  std::string time_literal(std::int64_t seconds) override {
    return std::to_string(seconds * 1'000'000);
  }
  std::shared_ptr<void> begin_reading(const std::string& sql) override {
    auto reader = std::make_shared<Inspector>(dir_ / "unity.db");
    reader->rows("BEGIN");
    reader->rows(sql);
    return reader;
  }

 private:
  TempDir dir_;
};

std::unique_ptr<SchemaFixture> make() { return std::make_unique<SqliteFixture>(); }

INSTANTIATE_TEST_SUITE_P(Sqlite, SchemaConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Sqlite, QueryConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Sqlite, RollupConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Sqlite, SchemaAcceptance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Sqlite, VerifyConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Sqlite, RetentionConformance, testing::Values(make));
INSTANTIATE_TEST_SUITE_P(Sqlite, DatasetConformance, testing::Values(make));

}  // namespace
}  // namespace unity::test
