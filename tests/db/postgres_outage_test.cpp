// The server goes away, and what is said about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "db/postgres_database.hpp"
#include "db/records.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Outage : public testing::Test {
 protected:
  void SetUp() override {
    const auto upgraded = db::upgrade_schema(config_, "test");
    ASSERT_TRUE(upgraded) << upgraded.error().message;
    auto opened = db::open_database(config_);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }
  Result<std::vector<Rejection>> write(int second) {
    return database_->storage().write(
        std::vector{record("m", at_second(second), {field("x", std::int64_t{second})})});
  }
  std::string value(const std::string& sql) { return PostgresInspector(config_).value(sql); }

  PostgresServer& server_ = PostgresServer::shared();
  db::DatabaseConfig config_ = server_.make_database();
  std::unique_ptr<db::Database> database_;
};

TEST_F(Outage, IsUnavailableAndOverWhenTheServerIsBack) {
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
  EXPECT_EQ(value("SELECT count(*), sum(vals[1]) FROM metric_frames"), "2|3");
}

TEST_F(Outage, OfOneSessionIsNotNoticed) {
  ASSERT_TRUE(write(1));
  value(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
      "WHERE application_name = 'unity' AND datname = current_database()");
  const auto written = write(2);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "2");
}

TEST_F(Outage, ARestartBetweenTwoCallsIsNotNoticed) {
  ASSERT_TRUE(write(1));
  server_.kill();
  server_.start();
  const auto written = write(2);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(database_->pool()->in_use, 0u);
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_frames"), "2");
}

TEST_F(Outage, InTheMiddleOfATransactionStoresNothingOfItTwice) {
  ASSERT_TRUE(write(1));
  PostgresInspector other(config_);
  other.rows("BEGIN; LOCK TABLE metric_frames IN EXCLUSIVE MODE");  // the writer waits inside
  std::thread killer([this, &other] {
    while (value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                 "WHERE application_name = 'unity' AND datname = current_database() "
                 "AND wait_event_type = 'Lock'") == "0") {
    }
    other.rows("ROLLBACK");
  });
  // With a new source, so that more than a single COPY is undone.
  const std::vector batch{record("m", at_second(2), {field("x", 1.5)}, {{"new", "source"}})};
  const auto written = database_->storage().write(batch);
  killer.join();
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "2");
  EXPECT_EQ(value("SELECT count(*) FROM metric_sources"), "2");
}

TEST_F(Outage, ALockThatLastsIsUnavailable) {
  config_.server.statement_timeout = std::chrono::milliseconds(300);
  auto opened = db::open_database(config_);
  ASSERT_TRUE(opened) << opened.error().message;
  PostgresInspector other(config_);
  other.rows("BEGIN; LOCK TABLE metric_frames IN EXCLUSIVE MODE");
  const std::vector batch{record("m", at_second(1), {field("x", 1.5)})};
  const auto written = (*opened)->storage().write(batch);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::unavailable) << written.error().message;
  other.rows("ROLLBACK");
  EXPECT_TRUE((*opened)->storage().write(batch));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "1");
}

TEST_F(Outage, AServerThatDoesNotAnswerIsUnavailable) {
  config_.server.connect_timeout = std::chrono::milliseconds(300);
  server_.freeze();
  const auto opened = db::open_database(config_);
  server_.thaw();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unavailable);
  EXPECT_THAT(opened.error().message, HasSubstr("connect_timeout"));
}

TEST_F(Outage, NoServerIsUnavailableAndNamed) {
  config_.server.host = "/nowhere";
  const auto opened = db::open_database(config_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unavailable);
  EXPECT_THAT(opened.error().message, HasSubstr(db::place_of(config_)));
  EXPECT_THAT(opened.error().message, HasSubstr("No such file or directory"));
}

TEST_F(Outage, AWrongPasswordIsRefusedAndNotRepeated) {
  PostgresInspector(config_).rows("CREATE ROLE locked LOGIN PASSWORD 'right'");
  config_.server.username = "locked";
  config_.server.password = "hunter2";
  const auto opened = db::open_database(config_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::refused);
  EXPECT_THAT(opened.error().message, HasSubstr("password authentication failed"));
  EXPECT_THAT(opened.error().message, HasSubstr("correct database.username or"));
  EXPECT_THAT(opened.error().message, Not(HasSubstr("hunter2")));
}

TEST_F(Outage, ADatabaseThatIsNotThereIsRefusedWithAdvice) {
  config_.server.database = "absent";
  for (const auto& error :
       {db::open_database(config_).error(), db::upgrade_schema(config_, "test").error()}) {
    EXPECT_EQ(error.code, Errc::refused);
    EXPECT_THAT(error.message, HasSubstr("\"absent\" does not exist"));
    EXPECT_THAT(error.message, HasSubstr("createdb"));
  }
}

}  // namespace
}  // namespace unity::test
