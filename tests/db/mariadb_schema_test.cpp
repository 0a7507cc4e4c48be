// How the schema of a MariaDB database is made, upgraded, completed after a kill, and refused.
#include "mariadb/schema_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "db/dataset_rights.hpp"
#include "db/mariadb_database.hpp"
#include "db/upgrade_with.hpp"
#include "migrate/checksum.hpp"
#include "migrate/script.hpp"
#include "migrations/list.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using testing::HasSubstr;

const std::size_t kHead = db::all_migrations().size();

class MariadbSchema : public testing::Test {
 protected:
  void upgrade() {
    const auto upgraded = db::upgrade_schema(config_, "1.2.3");
    ASSERT_TRUE(upgraded) << upgraded.error().message;
  }
  void expect_refused(const std::string& part) {
    const auto upgraded = db::upgrade_schema(config_, "1.2.3");
    ASSERT_FALSE(upgraded);
    EXPECT_EQ(upgraded.error().code, Errc::refused);
    EXPECT_THAT(upgraded.error().message, HasSubstr(part));
  }
  void expect_failed(const std::string& part) {
    const auto upgraded = db::upgrade_schema(config_, "1.2.3");
    ASSERT_FALSE(upgraded);
    EXPECT_THAT(upgraded.error().message, HasSubstr(part));
  }
  std::string value(const std::string& sql) { return value(config_, sql); }
  static std::string value(const db::DatabaseConfig& config, const std::string& sql) {
    return MariadbInspector(config).value(sql);
  }
  // All columns, indexes and views, as one text.
  static std::string shape_of(const db::DatabaseConfig& config) {
    MariadbInspector inspector(config);
    inspector.rows("SET group_concat_max_len = 1000000");
    return inspector.value(
               "SELECT GROUP_CONCAT(table_name, column_name, column_type, is_nullable, "
               "COALESCE(column_default, ''), COALESCE(collation_name, '') "
               "ORDER BY table_name, ordinal_position) "
               "FROM information_schema.columns WHERE table_schema = DATABASE()") +
           inspector.value(
               "SELECT GROUP_CONCAT(table_name, index_name, column_name, non_unique "
               "ORDER BY table_name, index_name, seq_in_index) "
               "FROM information_schema.statistics WHERE table_schema = DATABASE()");
  }
  // A database in which the second migration was cut off at a step, after so many statements.
  void cut_off_second(std::size_t step, std::size_t statements) {
    config_ = MariadbServer::shared().make_database();
    const auto first = upgrade_with(config_, db::all_migrations().first(1), "0.9");
    ASSERT_TRUE(first) << first.error().message;
    MariadbInspector inspector(config_);
    for (std::size_t i = 0; i < statements; ++i) {
      inspector.rows(steps_of_second_[i].statements.front());
    }
    inspector.rows(
        "INSERT INTO schema_migrations SELECT 2, 'metrics', UNHEX('" +
        to_hex(db::checksum(db::all_migrations()[1].ops(), db::Dialect::mariadb)) +
        "'), 'applying', " + std::to_string(step) +
        ", started_at, NULL, app_version, applied_by, dialect, sql_text FROM schema_migrations");
  }
  // Which step of the second migration makes metric_frames.
  std::size_t step_of_frames() const {
    const auto making =
        std::find_if(steps_of_second_.begin(), steps_of_second_.end(), [](const db::Step& step) {
          return step.statements.front().starts_with("CREATE TABLE `metric_frames`");
        });
    EXPECT_NE(making, steps_of_second_.end());
    return static_cast<std::size_t>(making - steps_of_second_.begin());
  }
  void expect_complete() {
    EXPECT_EQ(value("SELECT COUNT(*) FROM schema_migrations WHERE state = 'done' "
                    "AND dirty_step IS NULL AND finished_at >= started_at"),
              std::to_string(kHead));
    const auto opened = db::open_database(config_);
    EXPECT_TRUE(opened) << opened.error().message;
  }

  db::DatabaseConfig config_ = MariadbServer::shared().make_database();
  const std::vector<db::Step> steps_of_second_ =
      db::upgrade_steps(db::all_migrations(), 2, db::Dialect::mariadb);
};

TEST_F(MariadbSchema, IsBroughtToHeadOnceAndSaysBy) {
  EXPECT_EQ(db::schema_state(config_)->current, 0);
  EXPECT_EQ(db::open_reader(config_).error().code, Errc::not_found);
  EXPECT_EQ(db::open_database(config_).error().code, Errc::refused);
  const auto first = db::upgrade_schema(config_, "1.2.3");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->size(), kHead);
  const auto second = db::upgrade_schema(config_, "1.2.3");
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->empty());
  EXPECT_EQ(value("SELECT GROUP_CONCAT(DISTINCT state, app_version, dialect) "
                  "FROM schema_migrations WHERE started_at <= finished_at "
                  "AND dirty_step IS NULL AND LENGTH(sql_text) > 100"),
            "done1.2.3mariadb");
}

TEST_F(MariadbSchema, IsUpgradedFromTwoToThreeAndKeepsItsRows) {
  const auto older = upgrade_with(config_, db::all_migrations().first(2), "0.9");
  ASSERT_TRUE(older) << older.error().message;
  value("INSERT INTO metric_frames VALUES (1, 1000000, '[1.5]', NULL)");
  const auto opened = db::open_database(config_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("is at 2, but this version of unity needs"));

  const auto rest = db::upgrade_schema(config_, "1.0");

  ASSERT_TRUE(rest) << rest.error().message;
  ASSERT_EQ(rest->size(), kHead - 2);
  EXPECT_EQ(rest->front().name, "audit");
  EXPECT_EQ(value("SELECT vals FROM metric_frames"), "[1.5]");
  expect_complete();
}

TEST_F(MariadbSchema, EightThatStartAtOnceApplyEachMigrationOnce) {
  std::vector<std::thread> starters;
  std::vector<std::string> errors(8);
  std::vector<std::size_t> applied(8);
  for (std::size_t i = 0; i < 8; ++i) {
    starters.emplace_back([&, i] {
      const auto upgraded = db::upgrade_schema(config_, "1.2.3");
      if (upgraded) {
        applied[i] = upgraded->size();
        const auto opened = db::open_database(config_);
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

TEST_F(MariadbSchema, WaitsForAnotherOnlySoLong) {
  MariadbInspector other(config_);
  other.rows("SELECT GET_LOCK('unity.schema:" + config_.server.database + "', 0)");
  const auto session = db::mariadb::open_schema(config_.server, std::chrono::milliseconds(200));
  ASSERT_TRUE(session) << session.error().message;
  const auto upgraded = db::upgrade(**session, db::all_migrations(), {db::schema_head()});
  ASSERT_FALSE(upgraded);
  EXPECT_EQ(upgraded.error().code, Errc::unavailable);
  EXPECT_THAT(upgraded.error().message, HasSubstr("another process has been at it"));
}

// As a process leaves it that was killed before, or after, a step of the second migration.
TEST_F(MariadbSchema, GoesOnFromWhereverItWasInterrupted) {
  upgrade();
  const auto whole = shape_of(config_);
  for (std::size_t step = 0; step < steps_of_second_.size(); ++step) {
    for (const bool is_executed : {false, true}) {
      ASSERT_NO_FATAL_FAILURE(cut_off_second(step, step + (is_executed ? 1 : 0)));
      const auto state = db::schema_state(config_);
      ASSERT_TRUE(state) << state.error().message;
      EXPECT_EQ(state->current, 1);
      EXPECT_EQ(state->migrations[1].state, "cut off");
      EXPECT_EQ(db::open_database(config_).error().code, Errc::refused);

      const auto rest = db::upgrade_schema(config_, "1.0");

      ASSERT_TRUE(rest) << rest.error().message;
      EXPECT_EQ(rest->size(), kHead - 1);
      expect_complete();
      EXPECT_EQ(shape_of(config_), whole) << step << is_executed;
    }
  }
}

// What is left of a table if the server ends while it makes one with partitions: the partition.
TEST_F(MariadbSchema, GoesOnWhereTheServerEndedWhileItMadeAPartitionedTable) {
  ASSERT_NO_FATAL_FAILURE(cut_off_second(step_of_frames(), step_of_frames() + 1));
  value("FLUSH TABLES");
  const auto folder = std::filesystem::path(config_.server.host) / "data" / config_.server.database;
  for (const auto* definition : {"metric_frames.frm", "metric_frames.par"}) {
    ASSERT_TRUE(std::filesystem::remove(folder / definition));
  }
  ASSERT_EQ(value("SHOW TABLES LIKE 'metric_frames'"), "");
  ASSERT_TRUE(std::filesystem::exists(folder / "metric_frames#P#p_floor.ibd"));

  upgrade();
  expect_complete();
}

TEST_F(MariadbSchema, WhatAnotherTableOfThatNameHasIsNoRuin) {
  ASSERT_NO_FATAL_FAILURE(cut_off_second(step_of_frames(), step_of_frames()));
  value(
      "CREATE TABLE metric_frames (title BIGINT PRIMARY KEY) "
      "PARTITION BY RANGE (title) (PARTITION p_floor VALUES LESS THAN (10))");
  value("INSERT INTO metric_frames VALUES (1)");
  for (int i = 0; i < 2; ++i) expect_failed("metric_frames' already exists");
  EXPECT_EQ(value("SELECT title FROM metric_frames"), "1");
}

std::span<const db::Op> broken_ops() {
  static constexpr db::Column columns[] = {{"x", db::Type::i64}};
  static constexpr db::Op ops[] = {
      db::CreateTable{.name = "half_way", .columns = columns, .primary_key = "x"},
      db::CreateIndex{"ix", "no_such_table", "x"}};
  return ops;
}

TEST_F(MariadbSchema, AMigrationThatFailsIsNotedAndNoOtherTakesItsPlace) {
  const db::Migration migrations[] = {db::all_migrations()[0], {2, "broken", broken_ops}};
  for (int i = 0; i < 2; ++i) {
    const auto upgraded = upgrade_with(config_, migrations, "1.2.3");
    ASSERT_FALSE(upgraded);
    EXPECT_THAT(upgraded.error().message, HasSubstr("apply migration 2 (broken)"));
  }
  EXPECT_EQ(value("SELECT state, dirty_step, finished_at FROM schema_migrations WHERE seq = 2"),
            "applying|1|NULL");
  expect_refused("2 (broken): the checksum");
}

TEST_F(MariadbSchema, ATableThatUnityDidNotMakeIsNotTakenForItsOwn) {
  ASSERT_TRUE(upgrade_with(config_, db::all_migrations().first(1), "0.9"));
  value("CREATE TABLE metric_frames (title TEXT)");
  for (int i = 0; i < 2; ++i) expect_failed("metric_frames' already exists");
  value("DROP TABLE metric_frames");
  upgrade();
  expect_complete();
}

TEST_F(MariadbSchema, NewerThanTheBinaryIsRefusedWithBothNumbers) {
  upgrade();
  value(
      "INSERT INTO schema_migrations SELECT 99, 'later', checksum, state, NULL, started_at, "
      "finished_at, app_version, applied_by, dialect, sql_text, TRUE FROM schema_migrations "
      "WHERE seq = 1");
  expect_refused("is at 99, but this version of unity knows only up to");
  EXPECT_FALSE(db::open_database(config_));
  EXPECT_FALSE(db::open_reader(config_));
}

TEST_F(MariadbSchema, DifferentChecksumsAreRefusedAndAllListed) {
  upgrade();
  value("UPDATE schema_migrations SET checksum = UNHEX(REPEAT('00', 32))");
  expect_refused("1 (registry): the checksum");
  expect_refused("2 (metrics): the checksum");
}

TEST_F(MariadbSchema, ADatabaseOfSomethingElseIsRefused) {
  value("CREATE TABLE songs (title TEXT)");
  expect_refused("belongs to something else");
  EXPECT_EQ(value("SELECT COUNT(*) FROM information_schema.tables "
                  "WHERE table_schema = DATABASE()"),
            "1");
}

TEST_F(MariadbSchema, AUserThatMayNotMakeTablesIsToldSo) {
  value("CREATE OR REPLACE USER visitor@localhost");
  value("GRANT SELECT ON " + config_.server.database + ".* TO visitor@localhost");
  config_.server.username = "visitor";
  expect_refused("CREATE command denied");
  expect_refused("grant the host's user");
}

TEST_F(MariadbSchema, ADatasetIsBlockedUntilTheUserMayMakeItsTable) {
  upgrade();
  const auto whole = config_.server.database + ".* TO clerk@localhost";
  value("CREATE OR REPLACE USER clerk@localhost");
  value("GRANT SELECT, INSERT, UPDATE, DELETE, ALTER, LOCK TABLES ON " + whole);
  config_.server.username = "clerk";
  expect_blocked_until_granted(config_, "CREATE command denied", [&] {
    value("GRANT CREATE, CREATE VIEW, DROP, INDEX ON " + whole);
  });
  EXPECT_EQ(value("SELECT COUNT(*) FROM held"), "0");
}

}  // namespace
}  // namespace unity::test
