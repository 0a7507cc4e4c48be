// The conformance suite on a real server.
#include "db/storage_conformance.hpp"
#include "support/mariadb_server.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

class Fixture : public StorageFixture {
 public:
  Fixture() {
    const auto config = MariadbServer::shared().make_database();
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

INSTANTIATE_TEST_SUITE_P(Mariadb, StorageConformance,
                         testing::Values(StorageMaker{"mariadb",
                                                      [] { return std::make_unique<Fixture>(); }}),
                         [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace unity::test
