// What is particular to the SQLite adapter: files, pragmas, full disks.
#include "sqlite/sqlite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "db/inspect.hpp"
#include "db/records.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/schema.hpp"

namespace unity::db {
namespace {

using test::at_second;
using test::field;
using test::Inspector;
using test::record;
using test::TempDir;

class Sqlite : public testing::Test {
 protected:
  Sqlite() {
    const auto upgraded = upgrade_schema(config_, "test");
    EXPECT_TRUE(upgraded) << upgraded.error().message;
    reopen();
  }
  void reopen() {
    database_.reset();
    auto opened = SqliteDatabase::open(config_);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }
  Result<std::vector<Rejection>> write(std::vector<Record> batch) {
    return database_->storage().write(batch);
  }
  std::string value(const std::string& sql) { return Inspector(config_.path).value(sql); }
  std::vector<std::string> rows(const std::string& sql) {
    return Inspector(config_.path).rows(sql);
  }
  std::string pragma(const char* name) {
    auto statement = database_->connection().prepare(std::string("PRAGMA ") + name, "look into");
    EXPECT_TRUE(statement && *database_->connection().next(*statement, "look into"));
    return std::string(statement->text(0));
  }

  TempDir dir_;
  DatabaseConfig config_{"sqlite", dir_ / "unity.db"};
  std::unique_ptr<SqliteDatabase> database_;
};

TEST_F(Sqlite, IsDurableAndFrugal) {
  EXPECT_EQ(pragma("journal_mode"), "wal");
  EXPECT_EQ(pragma("synchronous"), "2");
  EXPECT_EQ(pragma("foreign_keys"), "1");
  EXPECT_EQ(pragma("cache_size"), "-1024");
}

TEST_F(Sqlite, KeepsAFrameInOneRow) {
  ASSERT_TRUE(
      write({record("load", at_second(1), {field("one", 0.5), field("five", 2.0)}),
             record("os", at_second(1), {field("name", "x"), field("up", true, Kind::boolean)})}));
  ASSERT_TRUE(write({record("load", at_second(2), {field("five", 2.5)})}));
  EXPECT_THAT(rows("SELECT time, vals, doc FROM metric_frames ORDER BY time"),
              testing::ElementsAre("1000000|[0.5,2,1]|{\"os\":{\"name\":\"x\"}}",
                                   "2000000|[null,2.5]|NULL"));
  EXPECT_THAT(rows("SELECT position, metric_name, field, kind FROM metric_series ORDER BY 1"),
              testing::ElementsAre("NULL|os|name|gauge", "0|load|one|gauge", "1|load|five|gauge",
                                   "2|os|up|bool"));
  EXPECT_EQ(value("SELECT hostname, length(uid), row_version FROM devices"), "host-a|16|1");
}

TEST_F(Sqlite, ReopeningKeepsThePositions) {
  ASSERT_TRUE(write({record("m", at_second(1), {field("a", 1.5), field("b", 2.5)})}));
  reopen();
  ASSERT_TRUE(write({record("m", at_second(2), {field("c", 3.5), field("b", 2.5)}),
                     record("m", at_second(1), {field("c", 3.5)})}));
  EXPECT_THAT(rows("SELECT vals FROM metric_frames ORDER BY time"),
              testing::ElementsAre("[1.5,2.5,3.5]", "[null,2.5,3.5]"));
  EXPECT_EQ(value("SELECT count(*) FROM metric_sources"), "1");
  EXPECT_EQ(value("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(value("PRAGMA foreign_key_check"), "");
}

TEST_F(Sqlite, RedeliveryAfterReopeningChangesNothing) {
  const auto once = record("m", at_second(1), {field("a", 1.5), field("t", "x")});
  ASSERT_TRUE(write({once}));
  reopen();
  const auto again = write({once, record("m", at_second(1), {field("a", 2.5)})});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->size(), 1u);
  EXPECT_EQ(value("SELECT count(*), vals, doc FROM metric_frames"),
            "1|[1.5]|{\"m\":{\"t\":\"x\"}}");
}

TEST_F(Sqlite, NoticesWhatAnotherProcessChanged) {
  ASSERT_TRUE(write({record("m", at_second(1), {field("a", 1.5)})}));
  auto other = SqliteDatabase::open(config_);
  ASSERT_TRUE(other);
  const std::vector batch{record("m", at_second(2), {field("b", 2.5)})};
  ASSERT_TRUE((*other)->storage().write(batch));
  ASSERT_TRUE(write({record("m", at_second(2), {field("c", 3.5), field("b", 2.5)})}));
  EXPECT_THAT(rows("SELECT vals FROM metric_frames ORDER BY time"),
              testing::ElementsAre("[1.5]", "[null,2.5,3.5]"));
}

TEST_F(Sqlite, ALockedDatabaseIsUnavailable) {
  Inspector other(config_.path);
  other.rows("BEGIN IMMEDIATE");
  const auto written = write({record("m", at_second(1), {field("a", 1.5)})});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::unavailable);
  EXPECT_THAT(written.error().message, testing::HasSubstr("another process is holding its lock"));
  other.rows("ROLLBACK");
  EXPECT_TRUE(write({record("m", at_second(1), {field("a", 1.5)})}));
}

TEST_F(Sqlite, AReaderReadsBesideTheWriter) {
  ASSERT_TRUE(write({record("m", at_second(1), {field("a", 1.5)})}));
  auto reader = open_reader(config_);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ((*reader)->latest("")->size(), 1u);
  ASSERT_TRUE(write({record("m", at_second(2), {field("b", 1.5)})}));
  EXPECT_EQ((*reader)->latest("m")->size(), 2u);
  database_.reset();
  EXPECT_EQ((*reader)->range("m", at_second(0), at_second(9), 10)->size(), 2u);
}

// Distinct sources, so that what a failed write learned would be noticed if it were kept.
std::vector<Record> wide_batch(int first) {
  std::vector<Record> batch;
  for (int i = 0; i < 200; ++i) {
    batch.push_back(record("m", at_second(first + i), {field("a", 1.5), field("t", "text")},
                           {{"n", std::to_string(first + i)}}));
  }
  return batch;
}

TEST_F(Sqlite, AFullDiskLosesNothingAndRecovers) {
  ASSERT_TRUE(write(wide_batch(0)));
  auto& connection = database_->connection();
  ASSERT_TRUE(connection.execute("PRAGMA max_page_count = 1", "fill"));  // as many as there are
  const auto full = write(wide_batch(1000));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::unavailable);
  EXPECT_THAT(full.error().message,
              testing::HasSubstr(config_.path.string() + ": the disk is full"));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "200");
  ASSERT_TRUE(connection.execute("PRAGMA max_page_count = 1000000", "empty"));
  const auto again = write(wide_batch(1000));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "400");
  EXPECT_EQ(value("SELECT count(*) FROM metric_sources"), "400");
  EXPECT_EQ(value("PRAGMA integrity_check"), "ok");
}

TEST_F(Sqlite, AFileThatMayNotGrowLosesNothingAndRecovers) {
  ASSERT_TRUE(write(wide_batch(0)));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const auto size = std::filesystem::file_size(config_.path.string() + "-wal");
  const rlimit tight{size + 8192, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto full = write(wide_batch(1000));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::unavailable);
  EXPECT_THAT(full.error().message, testing::HasSubstr("reading or writing failed"));
  ASSERT_TRUE(write(wide_batch(1000)));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "400");
  EXPECT_EQ(value("PRAGMA integrity_check"), "ok");
}

TEST_F(Sqlite, RegistersPluginsAsRows) {
  PluginInfo plugin{"disk-plugin", "Disk", "1.0", "", "system", std::string(32, 'h')};
  const auto registered = [&] {
    EXPECT_TRUE(database_->catalog().register_plugins(std::vector{plugin}));
    return value("SELECT name, version, description, category, enabled, row_version FROM plugins");
  };
  EXPECT_EQ(registered(), "Disk|1.0|NULL|system|1|1");
  EXPECT_EQ(registered(), "Disk|1.0|NULL|system|1|1");
  plugin.version = "1.1";
  EXPECT_EQ(registered(), "Disk|1.1|NULL|system|1|2");

  PluginStatus status{"disk-plugin", at_second(5), std::nullopt, "", 3, 2, "degraded"};
  ASSERT_TRUE(database_->catalog().update_status(std::vector{status}));
  const auto row =
      "SELECT last_run, last_success, last_error, error_count, consecutive_errors, "
      "health_status FROM plugin_status";
  EXPECT_EQ(value(row), "5000000|NULL|NULL|3|2|degraded");
  status.last_success = at_second(6);
  status.last_error = "no such mount";
  ASSERT_TRUE(database_->catalog().update_status(std::vector{status}));
  EXPECT_EQ(value(row), "5000000|6000000|no such mount|3|2|degraded");
}

TEST_F(Sqlite, UnitChangesUpdateTheSeries) {
  ASSERT_TRUE(write({record("m", at_second(1), {field("x", 1.5, Kind::gauge, "s")})}));
  EXPECT_EQ(value("SELECT unit, kind FROM metric_series"), "s|gauge");
  ASSERT_TRUE(write({record("m", at_second(2), {field("x", 1.5, Kind::rate, "By/s")})}));
  EXPECT_EQ(value("SELECT unit, kind, position FROM metric_series"), "By/s|rate|0");
}

}  // namespace
}  // namespace unity::db
