// How the schema of an SQLite file is made, upgraded, and refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "db/inspect.hpp"
#include "db/upgrade_with.hpp"
#include "migrations/list.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::db {
namespace {

using test::Inspector;
using test::TempDir;

const std::size_t kHead = all_migrations().size();

class Schema : public testing::Test {
 protected:
  void upgrade() {
    const auto upgraded = upgrade_schema(config_, "1.2.3");
    ASSERT_TRUE(upgraded) << upgraded.error().message;
  }
  void expect_refused(const std::string& part) {
    const auto upgraded = upgrade_schema(config_, "1.2.3");
    ASSERT_FALSE(upgraded);
    EXPECT_EQ(upgraded.error().code, Errc::refused);
    EXPECT_THAT(upgraded.error().message, testing::HasSubstr(part));
  }

  TempDir dir_;
  DatabaseConfig config_{"sqlite", dir_ / "unity.db"};
};

TEST_F(Schema, OfADatabaseThatDoesNotExistIsAtZeroAndAsksCreatesNothing) {
  const auto state = schema_state(config_);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->current, 0);
  EXPECT_EQ(state->head, static_cast<int>(kHead));
  ASSERT_EQ(state->migrations.size(), kHead);
  EXPECT_EQ(state->migrations[0].state, "pending");
  EXPECT_TRUE(state->migrations[0].applied_at.empty());
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

TEST_F(Schema, IsBroughtToHeadOnceAndSaysBy) {
  const auto first = upgrade_schema(config_, "1.2.3");
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_EQ(first->size(), kHead);
  EXPECT_EQ((*first)[1].seq, 2);
  EXPECT_EQ((*first)[1].state, "applied");
  const auto second = upgrade_schema(config_, "1.2.3");
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->empty());

  const auto state = schema_state(config_);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->current, state->head);
  EXPECT_EQ(state->migrations[0].state, "applied");
  EXPECT_FALSE(state->migrations[0].applied_at.empty());
  Inspector file(config_.path);
  EXPECT_EQ(
      file.value(
          "SELECT count(*) FROM schema_migrations "
          "WHERE state || app_version || dialect = 'done1.2.3sqlite' AND started_at <= finished_at "
          "AND dirty_step IS NULL AND length(sql_text) > 100"),
      std::to_string(kHead));
  EXPECT_EQ(file.value("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(file.value("PRAGMA auto_vacuum"), "2");
}

TEST_F(Schema, IsUpgradedFromAnOlderOne) {
  const auto older = test::upgrade_with(config_, all_migrations().first(1), "0.9");
  ASSERT_TRUE(older) << older.error().message;
  const auto opened = open_database(config_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::refused);
  EXPECT_THAT(
      opened.error().message,
      testing::HasSubstr("is at 1, but this version of unity needs " + std::to_string(kHead)));
  const auto rest = upgrade_schema(config_, "1.0");
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), kHead - 1);
  EXPECT_EQ(rest->front().name, "metrics");
  EXPECT_TRUE(open_database(config_));
}

TEST_F(Schema, EightThreadsThatStartAtOnceApplyEachMigrationOnce) {
  std::vector<std::thread> starters;
  std::vector<std::string> errors(8);
  std::vector<std::size_t> applied(8);
  for (std::size_t i = 0; i < 8; ++i) {
    starters.emplace_back([&, i] {
      const auto upgraded = upgrade_schema(config_, "1.2.3");
      if (upgraded) {
        applied[i] = upgraded->size();
        const auto opened = open_database(config_);
        errors[i] = opened ? "" : opened.error().message;
      } else {
        errors[i] = upgraded.error().message;
      }
    });
  }
  for (auto& starter : starters) starter.join();
  EXPECT_THAT(errors, testing::Each(""));
  EXPECT_EQ(std::count(applied.begin(), applied.end(), kHead), 1);
  EXPECT_EQ(std::count(applied.begin(), applied.end(), 0u), 7);
}

std::span<const Op> broken_ops() {
  static constexpr Column columns[] = {{"x", Type::i64}};
  static constexpr Op ops[] = {
      CreateTable{.name = "half_way", .columns = columns, .primary_key = "x"},
      CreateIndex{"ix", "no_such_table", "x"}};
  return ops;
}

TEST_F(Schema, AMigrationThatFailsLeavesNothingBehind) {
  const Migration migrations[] = {all_migrations()[0], {2, "broken", broken_ops}};
  const auto upgraded = test::upgrade_with(config_, migrations, "1.2.3");
  ASSERT_FALSE(upgraded);
  EXPECT_THAT(upgraded.error().message, testing::HasSubstr("apply migration 2 (broken)"));
  EXPECT_EQ(schema_state(config_)->current, 0);
  upgrade();
}

TEST_F(Schema, NewerThanTheBinaryIsRefusedWithBothNumbers) {
  upgrade();
  Inspector(config_.path)
      .rows(
          "INSERT INTO schema_migrations SELECT 99, 'later', checksum, state, NULL, started_at, "
          "finished_at, app_version, applied_by, dialect, sql_text, 1 FROM schema_migrations "
          "WHERE seq = 1");
  expect_refused("is at 99, but this version of unity knows only up to " + std::to_string(kHead));
  EXPECT_FALSE(open_database(config_));
  EXPECT_FALSE(open_reader(config_));
  const auto state = schema_state(config_);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->current, 99);
  EXPECT_EQ(state->migrations.back().state, "unknown to this version");
}

TEST_F(Schema, DifferentChecksumsAreRefusedAndAllListed) {
  upgrade();
  Inspector(config_.path).rows("UPDATE schema_migrations SET checksum = zeroblob(32)");
  expect_refused("1 (registry): the checksum");
  expect_refused("2 (metrics): the checksum");
  EXPECT_EQ(schema_state(config_)->migrations[1].state, "checksum differs");
}

TEST_F(Schema, AFileOfSomethingElseIsRefused) {
  Inspector(config_.path).rows("CREATE TABLE songs (title TEXT)");
  expect_refused("belongs to something else");
  EXPECT_FALSE(schema_state(config_));
  EXPECT_EQ(Inspector(config_.path).value("SELECT count(*) FROM sqlite_master"), "1");
}

TEST_F(Schema, AFileThatIsNoDatabaseIsRefusedAndKept) {
  const std::string garbage(8192, 'x');
  std::ofstream(config_.path) << garbage;
  expect_refused("is not an SQLite database");
  EXPECT_EQ(open_database(config_).error().code, Errc::refused);
  EXPECT_EQ(std::filesystem::file_size(config_.path), garbage.size());
}

TEST_F(Schema, AnEmptyFileIsAnEmptyDatabase) {
  std::ofstream(config_.path) << "";
  EXPECT_EQ(open_reader(config_).error().code, Errc::not_found);
  upgrade();
}

TEST_F(Schema, AMissingFolderIsNamed) {
  config_.path = dir_ / "no/such/unity.db";
  const auto upgraded = upgrade_schema(config_, "1.2.3");
  ASSERT_FALSE(upgraded);
  EXPECT_EQ(upgraded.error().code, Errc::unavailable);
  EXPECT_THAT(upgraded.error().message,
              testing::HasSubstr("create the folder " + (dir_ / "no/such").string()));
}

TEST_F(Schema, AFolderThatCannotBeWrittenToIsNamed) {
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0555));
  // Root may write anywhere, so root asks as nobody.
  const bool is_root = geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  const auto upgraded = upgrade_schema(config_, "1.2.3");
  if (is_root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  ASSERT_FALSE(upgraded);
  EXPECT_EQ(upgraded.error().code, Errc::unavailable);
  EXPECT_THAT(upgraded.error().message,
              testing::HasSubstr("must be able to write to the folder " + dir_.path().string()));
}

TEST_F(Schema, AReaderOfNothingSaysHowToStart) {
  const auto reader = open_reader(config_);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, Errc::not_found);
  EXPECT_THAT(reader.error().message, testing::HasSubstr("`unity run`"));
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

TEST_F(Schema, OpeningADatabaseThatDoesNotExistCreatesNothing) {
  EXPECT_EQ(open_database(config_).error().code, Errc::refused);
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

}  // namespace
}  // namespace unity::db
