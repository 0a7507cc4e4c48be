// The server goes away, and what is said about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "db/mariadb_database.hpp"
#include "db/records.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class MariadbOutage : public testing::Test {
 protected:
  void SetUp() override {
    const auto upgraded = db::upgrade_schema(config_, "test");
    ASSERT_TRUE(upgraded) << upgraded.error().message;
    database_ = open();
  }
  std::unique_ptr<db::Database> open() {
    auto opened = db::open_database(config_);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  Result<std::vector<Rejection>> write(int second) {
    return database_->storage().write(
        std::vector{record("m", at_second(second), {field("x", std::int64_t{second})})});
  }
  std::string value(const std::string& sql) { return MariadbInspector(config_).value(sql); }
  // Ends the sessions of the host that `which` is true for; how many there were.
  std::size_t kill_sessions(const std::string& which) {
    MariadbInspector inspector(config_);
    const auto sessions = inspector.rows(
        "SELECT id FROM information_schema.processlist WHERE user = 'unity' AND " + which);
    for (const auto& id : sessions) inspector.rows("KILL " + id);
    return sessions.size();
  }

  MariadbServer& server_ = MariadbServer::shared();
  db::DatabaseConfig config_ = server_.make_database();
  std::unique_ptr<db::Database> database_;
};

TEST_F(MariadbOutage, IsUnavailableAndOverWhenTheServerIsBack) {
  ASSERT_TRUE(write(1));
  server_.kill();
  for (int i = 0; i < 3; ++i) {
    const auto written = write(2);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::unavailable) << written.error().message;
  }
  server_.start();
  const auto written = write(2);
  ASSERT_TRUE(written) << written.error().message;
  ASSERT_TRUE(write(1));
  EXPECT_EQ(value("SELECT GROUP_CONCAT(vals ORDER BY time) FROM metric_frames"), "[1],[2]");
}

TEST_F(MariadbOutage, OfOneSessionIsNotNoticed) {
  ASSERT_TRUE(write(1));
  EXPECT_GT(kill_sessions("TRUE"), 0u);
  const auto written = write(2);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_frames"), "2");
}

TEST_F(MariadbOutage, ARestartBetweenTwoCallsIsNotNoticed) {
  ASSERT_TRUE(write(1));
  server_.kill();
  server_.start();
  const auto written = write(2);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(database_->pool()->in_use, 0u);
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_frames"), "2");
}

TEST_F(MariadbOutage, InTheMiddleOfATransactionStoresNothingOfItTwice) {
  ASSERT_TRUE(write(1));
  MariadbInspector other(config_);
  other.rows("LOCK TABLES metric_frames WRITE");  // the writer waits inside
  std::thread killer([this, &other] {
    while (kill_sessions("state LIKE 'Waiting for table metadata lock'") == 0) {
    }
    other.rows("UNLOCK TABLES");
  });
  // With a new source, so that more than the frames is undone.
  const std::vector batch{record("m", at_second(2), {field("x", 1.5)}, {{"new", "source"}})};
  const auto written = database_->storage().write(batch);
  killer.join();
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_frames"), "2");
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_sources"), "2");
}

TEST_F(MariadbOutage, ALockThatLastsIsUnavailable) {
  config_.server.statement_timeout = std::chrono::milliseconds(300);
  const auto database = open();
  MariadbInspector other(config_);
  other.rows("LOCK TABLES metric_frames WRITE");
  const std::vector batch{record("m", at_second(1), {field("x", 1.5)})};
  const auto written = database->storage().write(batch);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::unavailable) << written.error().message;
  other.rows("UNLOCK TABLES");
  EXPECT_TRUE(database->storage().write(batch));
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_frames"), "1");
}

TEST_F(MariadbOutage, DaysAheadThatCannotBeMadeHoldUpOnlyTheirRows) {
  config_ = server_.make_database();
  ASSERT_TRUE(db::upgrade_schema(config_, "test"));
  MariadbInspector other(config_);
  other.rows("START TRANSACTION");
  other.rows("SELECT * FROM metric_frames");  // a table in use cannot be altered
  config_.server.statement_timeout = std::chrono::seconds(2);
  database_ = open();
  EXPECT_TRUE(write(1));
  const auto today =
      std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  const std::vector batch{record("m", today, {field("x", 1.5)})};
  const auto written = database_->storage().write(batch);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::unavailable) << written.error().message;
  EXPECT_THAT(written.error().message, HasSubstr("prepare the partitions of metric_frames"));
  other.rows("COMMIT");
  const auto again = database_->storage().write(batch);
  EXPECT_TRUE(again) << (again ? "" : again.error().message);
}

TEST_F(MariadbOutage, AServerThatDoesNotAnswerIsUnavailable) {
  config_.server.connect_timeout = std::chrono::milliseconds(300);
  server_.freeze();
  const auto opened = db::open_database(config_);
  server_.thaw();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unavailable);
  EXPECT_THAT(opened.error().message, HasSubstr("connect_timeout"));
}

TEST_F(MariadbOutage, AServerThatStopsAnsweringIsUnavailable) {
  config_.server.connect_timeout = std::chrono::seconds(1);
  config_.server.statement_timeout = std::chrono::seconds(1);
  database_ = open();
  ASSERT_TRUE(write(1));
  server_.freeze();
  auto written = write(2);
  server_.thaw();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::unavailable) << written.error().message;
  // A caller repeats what is unavailable: the server has to wake up first.
  for (int i = 0; i < 20 && !written; ++i) written = write(2);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_frames"), "2");
}

TEST_F(MariadbOutage, NoServerIsUnavailableAndNamed) {
  config_.server.host = "/nowhere";
  const auto opened = db::open_database(config_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unavailable);
  EXPECT_THAT(opened.error().message, HasSubstr(db::place_of(config_)));
  EXPECT_THAT(opened.error().message, HasSubstr("No such file or directory"));
}

TEST_F(MariadbOutage, AWrongPasswordIsRefusedAndNotRepeated) {
  value("CREATE OR REPLACE USER locked@localhost IDENTIFIED BY 'right'");
  config_.server.username = "locked";
  config_.server.password = "hunter2";
  const auto opened = db::open_database(config_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::refused);
  EXPECT_THAT(opened.error().message, HasSubstr("Access denied for user 'locked'"));
  EXPECT_THAT(opened.error().message, HasSubstr("correct database.username or"));
  EXPECT_THAT(opened.error().message, Not(HasSubstr("hunter2")));
}

TEST_F(MariadbOutage, ADatabaseThatIsNotThereIsRefusedWithAdvice) {
  config_.server.database = "test_absent";
  for (const auto& error :
       {db::open_database(config_).error(), db::upgrade_schema(config_, "test").error()}) {
    EXPECT_EQ(error.code, Errc::refused);
    EXPECT_THAT(error.message, HasSubstr("Unknown database 'test_absent'"));
    EXPECT_THAT(error.message, HasSubstr("CREATE DATABASE"));
  }
}

TEST_F(MariadbOutage, AServerWithoutTlsIsNotUsedWhereTlsIsAskedFor) {
  for (const auto* mode : {"require", "verify-ca", "verify-full"}) {
    config_.server.sslmode = mode;
    const auto opened = db::open_database(config_);
    ASSERT_FALSE(opened) << mode;
    EXPECT_THAT(opened.error().message, testing::AnyOf(HasSubstr("TLS"), HasSubstr("SSL")));
  }
}

}  // namespace
}  // namespace unity::test
