// What the MariaDB adapter decides without a server: partitions, classes of errors, places.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/records.hpp"
#include "mariadb/error.hpp"
#include "mariadb/partition_bounds.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using db::Day;
using db::mariadb::PartitionBounds;
using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Day day(const char* text) {
  return std::chrono::floor<days>(*parse_rfc3339(std::string(text) + "T00:00:00Z"));
}

PartitionBounds new_table() {
  PartitionBounds bounds;
  bounds.add("p_floor", day("2026-01-01"), 0);
  return bounds;
}

TEST(PartitionBounds, AreAWeekAheadOfANewTableInOneStatement) {
  auto bounds = new_table();
  const auto statements = bounds.prepare("t", Time::min(), day("2026-06-15"));
  ASSERT_THAT(statements, SizeIs(1));
  EXPECT_THAT(statements[0],
              testing::StartsWith("ALTER TABLE `t` ADD PARTITION (PARTITION `p20260615` VALUES "
                                  "LESS THAN (1781568000000000), PARTITION `p20260616` "));
  EXPECT_THAT(statements[0], HasSubstr("`p20260622`"));
  EXPECT_THAT(bounds.prepare("t", at_second(0), day("2026-06-15")), IsEmpty());
}

TEST(PartitionBounds, GainADayWhenTheDayChangesAndSkipWhatWasMissed) {
  auto bounds = new_table();
  bounds.prepare("t", Time::min(), day("2026-06-15"));
  const auto next = bounds.prepare("t", Time::min(), day("2026-06-16"));
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_THAT(next[0], HasSubstr("ADD PARTITION (PARTITION `p20260623` VALUES LESS THAN ("));

  const auto later = bounds.prepare("t", Time::min(), day("2026-08-01"));
  ASSERT_THAT(later, SizeIs(1));
  EXPECT_THAT(later[0], HasSubstr("(PARTITION `p20260801` "));
  EXPECT_TRUE(bounds.holds(day("2026-07-01")));
}

TEST(PartitionBounds, AreWholeYearsFarAheadFromWhichDaysAreCut) {
  auto bounds = new_table();
  bounds.prepare("t", Time::min(), day("2026-06-15"));
  const auto far = bounds.prepare("t", day("2031-03-03"), day("2026-06-15"));
  EXPECT_THAT(far, ElementsAre("ALTER TABLE `t` ADD PARTITION (PARTITION `p2031` VALUES LESS THAN "
                               "(1956528000000000))"));

  const auto next = bounds.prepare("t", Time::min(), day("2026-06-16"));

  EXPECT_THAT(next, ElementsAre("ALTER TABLE `t` REORGANIZE PARTITION `p2031` INTO (PARTITION "
                                "`p20260623` VALUES LESS THAN (1782259200000000), PARTITION "
                                "`p2031` VALUES LESS THAN (1956528000000000))"));
  EXPECT_THAT(bounds.prepare("t", Time::min(), day("2026-06-16")), IsEmpty());
}

TEST(PartitionBounds, AreNotCutFromTheFirstOneNorWhereThereIsMuchToCopy) {
  auto bounds = new_table();
  EXPECT_THAT(bounds.prepare("t", Time::min(), day("1970-01-01")), IsEmpty());
  bounds.add("p20260615", day("2026-06-16"), 1'000'000);
  EXPECT_THAT(bounds.prepare("t", Time::min(), day("2026-03-01")), IsEmpty());
}

TEST(MariadbErrors, SayWhoMustAct) {
  using db::mariadb::classify;
  for (const auto code : {28u, 1021u, 1030u, 1040u, 1053u, 1114u, 1205u, 1213u, 1927u, 1969u, 2002u,
                          2003u, 2006u, 2013u}) {
    EXPECT_EQ(classify(code), Errc::unavailable) << code;
  }
  for (const auto code : {1044u, 1045u, 1049u, 1050u, 1054u, 1142u, 1146u, 1698u, 2059u}) {
    EXPECT_EQ(classify(code), Errc::refused) << code;
  }
  for (const auto code : {1048u, 1062u, 1264u, 1366u, 1406u, 1452u, 4025u}) {
    EXPECT_EQ(classify(code), Errc::invalid) << code;
  }
  for (const auto code : {1u, 1064u, 2014u, 9999u}) {
    EXPECT_EQ(classify(code), Errc::internal) << code;
  }
}

TEST(MariadbErrors, TellTheSystemsReasonInWords) {
  const auto error = db::mariadb::server_error(2003, "Can't connect to server on 'nas' (111)",
                                               "connect to", "unity on nas:3306");
  EXPECT_EQ(error.message,
            "cannot connect to unity on nas:3306: Can't connect to server on 'nas' (Connection "
            "refused) (error 2003)");
}

TEST(MariadbPlace, IsAHostAndItsPortOrASocket) {
  db::DatabaseConfig config{"mariadb", {}};
  config.server.host = "nas";
  EXPECT_EQ(db::place_of(config), "unity on nas:3306");
  config.server.port = 3307;
  EXPECT_EQ(db::place_of(config), "unity on nas:3307");
  config.server.host = "/nowhere/db.sock";
  EXPECT_EQ(db::place_of(config), "unity on /nowhere/db.sock");
  config.server.host = "/tmp";
  EXPECT_EQ(db::place_of(config), "unity on /tmp/mysqld.sock");
}

}  // namespace
}  // namespace unity::test
