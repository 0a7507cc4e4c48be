#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/database_type.hpp"
#include "config_folder.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(DatabaseUrl, HasThreeSlashesForRelativePathsAndFourForFullOnes) {
  const auto path = [](const char* url) {
    return config_of("state_dir: /s\n", {{"DATABASE_URL", url}}).storages[0].database.path.string();
  };

  EXPECT_EQ(path("sqlite:///unity2.db"), "/s/unity2.db");
  EXPECT_EQ(path("sqlite:///./data/unity.db"), "/s/data/unity.db");
  EXPECT_EQ(path("sqlite:////srv/unity.db"), "/srv/unity.db");
  EXPECT_EQ(path("sqlite+aiosqlite:///a.db"), "/s/a.db");
  EXPECT_EQ(path(""), "/s/unity.db");
}

TEST(DatabaseUrl, GivesWayToTheDatabaseSectionOfTheFileAndSaysSo) {
  const ConfigFolder folder;
  const auto outcome =
      folder.load("database: {path: /f.db}\n", {{"DATABASE_URL", "sqlite:////u.db"}});

  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->storages[0].database.path, "/f.db");
  EXPECT_THAT(lines(outcome),
              ElementsAre("unity.yaml:1:1: warning: DATABASE_URL is set but not used: `database` "
                          "goes before it"));
  EXPECT_EQ(
      config_of("database:\n", {{"DATABASE_URL", "sqlite:////u.db"}}).storages[0].database.path,
      "/u.db");
  EXPECT_THAT(lines_of("storages: [{id: a}]", {{"DATABASE_URL", "sqlite:////u.db"}}),
              ElementsAre("unity.yaml:1:1: warning: DATABASE_URL is set but not used: `storages` "
                          "goes before it"));
}

TEST(DatabaseUrl, NamesTheTypesThatAreNotBuiltYet) {
  EXPECT_THAT(lines_of("", {{"DATABASE_URL", "postgresql+asyncpg://me:hunter2@nas:5432/unity"}}),
              ElementsAre("environment variable DATABASE_URL: error: database type 'postgresql' is "
                          "not built into this version yet; use sqlite"));
  EXPECT_THAT(parse_database_url("postgres://h/d").error().message, HasSubstr("'postgresql'"));
  EXPECT_THAT(parse_database_url("mysql://h/d").error().message, HasSubstr("not built"));
  EXPECT_THAT(parse_database_url("sqlit:///d").error().message, HasSubstr("did you mean sqlite?"));
}

TEST(DatabaseUrl, IsRefusedWithoutRepeatingItsPassword) {
  for (const auto* url : {"hunter2", "sqlite://hunter2", "sqlite:///", "sqlite:///:memory:",
                          "sqlite:///a.db?key=hunter2", "://hunter2", "oracle://a:hunter2@b/c"}) {
    const auto parsed = parse_database_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_THAT(parsed.error().message, Not(HasSubstr("hunter2"))) << url;
  }
}

}  // namespace
}  // namespace unity::host
