// What is said of a change before it is made: what it loses, and whom it hurts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/altering_migrations.hpp"
#include "migrate/lint.hpp"
#include "migrate/script.hpp"
#include "migrations/list.hpp"

namespace unity::db {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> losses(Migrations migrations, int seq) {
  std::vector<std::string> found;
  for (const auto& step : upgrade_steps(migrations, seq, Dialect::sqlite)) {
    if (auto loss = schema::loss_of(step.change); !loss.empty()) found.push_back(loss);
  }
  return found;
}

std::vector<std::string> losses_back(Migrations migrations, int seq) {
  std::vector<std::string> found;
  for (const auto& step : downgrade_steps(migrations, seq, Dialect::sqlite)) {
    if (auto loss = schema::loss_of(step.change); !loss.empty()) found.push_back(loss);
  }
  return found;
}

TEST(Loss, IsWhatIsDroppedOrMadeNarrower) {
  const auto migrations = test::altering_migrations();
  EXPECT_THAT(losses(migrations, 2), IsEmpty());
  EXPECT_THAT(losses_back(migrations, 2),
              ElementsAre("drops the column parents.mood", "drops the column parents.born"));
  EXPECT_THAT(losses(migrations, 3), IsEmpty());
  EXPECT_THAT(losses_back(migrations, 3),
              ElementsAre("narrows the column parents.name", "narrows the column parents.size"));
  EXPECT_THAT(losses_back(migrations, 4), ElementsAre("narrows the column parents.size"));
  EXPECT_THAT(losses_back(migrations, 5), IsEmpty());
  EXPECT_THAT(losses(migrations, 6), IsEmpty()) << "a name is no data";
  EXPECT_THAT(losses(migrations, 7), ElementsAre("drops the column parents.born"));
  EXPECT_THAT(losses_back(migrations, 7), IsEmpty());
}

TEST(Wider, IsWhatHoldsEveryValue) {
  const auto column = [](Type type, int length = 0) {
    return schema::Column{"x", type, length, false, {}};
  };
  EXPECT_TRUE(is_wider(column(Type::i16), column(Type::i64)));
  EXPECT_FALSE(is_wider(column(Type::i64), column(Type::i32)));
  EXPECT_TRUE(is_wider(column(Type::str, 5), column(Type::str, 6)));
  EXPECT_FALSE(is_wider(column(Type::str, 6), column(Type::str, 5)));
  EXPECT_TRUE(is_wider(column(Type::str, 6), column(Type::text)));
  EXPECT_FALSE(is_wider(column(Type::i64), column(Type::f64))) << "beyond 2^53";
}

std::vector<std::string> findings(Migrations migrations, bool allowed) {
  std::vector<std::string> found;
  for (const auto& one : lint(migrations, Dialect::postgresql)) {
    if (one.allowed == allowed) {
      found.push_back(std::to_string(one.seq) + " " + std::string(to_text(one.what)) + ": " +
                      one.text);
    }
  }
  return found;
}

TEST(Lint, FindsNothingInOurMigrationsThatTheyDoNotAdmit) {
  EXPECT_THAT(findings(all_migrations(), false), IsEmpty());
}

TEST(Lint, RejectsADropThatIsNotMarked) {
  const Migration migrations[] = {
      {1, "first", test::altering::first},
      {2, "add", test::altering::add_columns},
      {3, "drop", test::altering::drop},
      {4, "rename", test::altering::rename},
  };
  EXPECT_THAT(findings(migrations, false),
              ElementsAre("3 destructive: drops the column parents.born",
                          "4 backward-incompatible: renames the column parents.name to title"));
}

TEST(Lint, TellsWhatReadsOrWritesEveryRow) {
  EXPECT_THAT(findings(test::altering_migrations(), true),
              ElementsAre("3 rewrites: changes the type of parents.size",
                          "5 data-dependent: adds a unique key to parents",
                          "5 data-dependent: adds a check to parents",
                          "6 backward-incompatible: renames the column parents.name to title",
                          "7 destructive: drops the column parents.born"));
}

TEST(Script, OfARebuildKeepsAllColumnsAndNumbersThatWereGivenOut) {
  const auto sql = to_sql(upgrade_steps(test::altering_migrations(), 5, Dialect::sqlite));
  EXPECT_THAT(sql, testing::HasSubstr("INSERT INTO \"parents__new\" (\"id\", \"name\", \"size\", "
                                      "\"born\", \"mood\")\nSELECT \"id\", \"name\", \"size\", "
                                      "\"born\", \"mood\" FROM \"parents\""));
  EXPECT_THAT(sql, testing::HasSubstr("INSERT INTO sqlite_sequence"));
  EXPECT_THAT(sql, testing::HasSubstr("CREATE INDEX \"ix_parents_name\""));
}

}  // namespace
}  // namespace unity::db
