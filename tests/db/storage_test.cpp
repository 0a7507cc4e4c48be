// Every adapter that needs no server, through the conformance suite; and the list of adapters.
#include "db/storage_conformance.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

class Fixture : public StorageFixture {
 public:
  explicit Fixture(std::string type) {
    const db::DatabaseConfig config{std::move(type), dir_ / "unity.db"};
    const auto upgraded = db::upgrade_schema(config, "test");
    if (!upgraded) throw std::runtime_error(upgraded.error().message);
    auto database = db::open_database(config);
    if (!database) throw std::runtime_error(database.error().message);
    database_ = std::move(*database);
  }
  db::Database& database() override { return *database_; }

 private:
  TempDir dir_;
  std::unique_ptr<db::Database> database_;
};

std::vector<StorageMaker> makers() {
  std::vector<StorageMaker> all;
  for (const auto* type : {"memory", "sqlite"}) {
    all.push_back({type, [type] { return std::make_unique<Fixture>(type); }});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Adapters, StorageConformance, testing::ValuesIn(makers()),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(DatabaseTypes, AreSorted) {
  EXPECT_THAT(db::database_types(),
              testing::ElementsAre("mariadb", "memory", "postgresql", "sqlite"));
}

TEST(DatabaseTypes, AnUnknownOneIsAnErrorThatNamesTheOthers) {
  const auto opened = db::open_database({"oracle", "/nowhere"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::invalid);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("\"oracle\""));
  EXPECT_THAT(opened.error().message, testing::HasSubstr("mariadb, memory, postgresql, sqlite"));
}

TEST(MemoryDatabase, CannotBeReadFromOutside) {
  const auto reader = db::open_reader({"memory", {}});
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, Errc::refused);
}

}  // namespace
}  // namespace unity::test
