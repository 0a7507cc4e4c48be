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

TEST(DatabaseUrl, NamesAServer) {
  const auto full = parse_database_url(
      "postgresql+asyncpg://me:p%40ss%3A@nas:5433/uni%20ty?sslmode=verify-ca"
      "&sslrootcert=/etc/our%20ca.pem");
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full->type, "postgresql");
  EXPECT_EQ(full->server.username, "me");
  EXPECT_EQ(full->server.password, "p@ss:");
  EXPECT_EQ(full->server.host, "nas");
  EXPECT_EQ(full->server.port, 5433);
  EXPECT_EQ(full->server.database, "uni ty");
  EXPECT_EQ(full->server.sslmode, "verify-ca");
  EXPECT_EQ(full->server.sslrootcert, "/etc/our ca.pem");

  const auto six = parse_database_url("postgres://[::1]/d");
  ASSERT_TRUE(six) << six.error().message;
  EXPECT_EQ(six->server.host, "::1");
  EXPECT_EQ(six->server.port, 0);

  const auto socket = parse_database_url("postgresql:///d?host=/run/postgresql");
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_EQ(socket->server.host, "/run/postgresql");
  EXPECT_EQ(socket->server.database, "d");
}

TEST(DatabaseUrl, OfAServerSaysWhatIsWrongWithIt) {
  const auto message = [](const char* url) { return parse_database_url(url).error().message; };
  EXPECT_THAT(message("postgresql://nas"), HasSubstr("/name"));
  EXPECT_THAT(message("postgresql://nas:0/d"), HasSubstr("port"));
  EXPECT_THAT(message("postgresql://nas:x/d"), HasSubstr("port"));
  EXPECT_THAT(message("postgresql://[::1/d"), HasSubstr("]"));
  EXPECT_THAT(message("postgresql://a:%4@nas/d"), HasSubstr("%"));
  EXPECT_THAT(message("postgresql://nas/d?color=red"), HasSubstr("sslmode"));
  EXPECT_THAT(message("postgresql://nas/d?sslmode=maybe"), HasSubstr("sslmode"));
  EXPECT_THAT(message("postgresql://nas/d?sslrootcert=ca.pem"), HasSubstr("full path"));
  EXPECT_THAT(message("postgresql://nas/d?sslmode=require&sslrootcert=/ca.pem"),
              HasSubstr("verify-full"));
}

TEST(DatabaseUrl, NamesAMariadbServerByEitherOfItsNames) {
  for (const auto* url :
       {"mysql+pymysql://me:p%40ss@nas:3307/unity", "mariadb://me:p%40ss@nas:3307/unity"}) {
    const auto parsed = parse_database_url(url);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->type, "mariadb");
    EXPECT_EQ(parsed->server.password, "p@ss");
    EXPECT_EQ(db::place_of(*parsed), "unity on nas:3307");
  }
  const auto socket = parse_database_url("mysql:///unity?host=/run/mysqld/mysqld.sock");
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_EQ(db::place_of(*socket), "unity on /run/mysqld/mysqld.sock");
}

TEST(DatabaseUrl, KnowsWhatATypeMayHaveBeenMeantToBe) {
  EXPECT_THAT(parse_database_url("sqlit:///d").error().message, HasSubstr("did you mean sqlite?"));
}

TEST(DatabaseUrl, IsRefusedWithoutRepeatingItsPassword) {
  for (const auto* url : {"hunter2", "sqlite://hunter2", "sqlite:///",
                          "sqlite:///:memory:", "sqlite:///a.db?key=hunter2", "://hunter2",
                          "oracle://a:hunter2@b/c", "postgresql://a:hunter2@b",
                          "postgresql://a:hunter2@b:hunter2/c", "postgresql://a@b/c?hunter2=1"}) {
    const auto parsed = parse_database_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_THAT(parsed.error().message, Not(HasSubstr("hunter2"))) << url;
  }
}

}  // namespace
}  // namespace unity::host
