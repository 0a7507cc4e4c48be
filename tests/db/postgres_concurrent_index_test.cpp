// Indexes that are made while others write: schema.md 1.5, 8. The server waits for whoever reads in
// a transaction, which is where such a step can be cut off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "db/altering_migrations.hpp"
#include "db/postgres_database.hpp"
#include "migrate/offline.hpp"
#include "migrate/upgrade.hpp"
#include "postgres/schema_session.hpp"

namespace unity::test {
namespace {

class PostgresConcurrentIndex : public testing::Test {
 protected:
  static Result<std::vector<db::MigrationState>> go_to(const db::DatabaseConfig& config,
                                                       int target) {
    auto session = db::postgres::open_schema(config.server);
    if (!session) return std::move(session).error();
    const auto history = (*session)->history();
    if (!history) return history.error();
    const int current = history->applied.empty() ? 0 : history->applied.back().seq;
    const auto way = target < current ? db::downgrade : db::upgrade;
    return way(**session, altering_migrations(), {target, "1.2.3", true});
  }
  void reach(int target) {
    const auto done = go_to(config_, target);
    ASSERT_TRUE(done) << done.error().message;
  }
  // Begins to read in a transaction, and then what has to wait for it.
  std::future<bool> begin(int target) {
    reader_.emplace(config_);
    reader_->rows("BEGIN ISOLATION LEVEL REPEATABLE READ");
    reader_->rows("SELECT * FROM parents");
    auto begun = std::async(std::launch::async, [config = config_, target] {
      return go_to(config, target).has_value();
    });
    while (value(kWaiting) == "0") {
      if (begun.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready) {
        ADD_FAILURE() << "it has not waited for the reader";
        break;
      }
    }
    return begun;
  }
  void end_reading() { reader_.reset(); }
  void cut_off(std::future<bool> begun) {
    value(kEndIt);
    EXPECT_FALSE(begun.get());
    end_reading();
  }
  std::string value(const std::string& sql) { return PostgresInspector(config_).value(sql); }
  std::string last_row() {
    return value(
        "SELECT seq || state || coalesce(dirty_step::text, '') FROM schema_migrations "
        "ORDER BY seq DESC LIMIT 1");
  }
  // Valid or not.
  std::string indexes(const std::string& like) {
    return value("SELECT count(*) FROM pg_class WHERE relkind = 'i' AND relname LIKE '" + like +
                 "'");
  }
  std::string invalid() { return value("SELECT count(*) FROM pg_index WHERE NOT indisvalid"); }
  std::string drift() {
    auto session = db::postgres::open_schema(config_.server);
    const auto drifts = db::find_drift(**session, altering_migrations());
    std::string text = drifts ? "" : drifts.error().message;
    for (const auto& one : *drifts) text += db::schema::to_text(one) + "\n";
    return text;
  }
  // As psql does, statement by statement; up to one that contains `end`, and not that.
  void run_script(const std::string& sql, const std::string& end = "no such thing") {
    PostgresInspector session(config_);
    std::string statement;
    std::istringstream lines(sql);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("\\") || line.starts_with("--")) continue;
      statement += line + "\n";
      if (!line.ends_with(';')) continue;
      if (statement.find(end) != statement.npos) return;
      session.rows(std::exchange(statement, {}));
    }
  }

  static constexpr const char* kWaiting =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
      "AND query ~ '^(CREATE|DROP) INDEX CONCURRENTLY' AND wait_event_type = 'Lock'";
  static constexpr const char* kEndIt =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE datname = current_database() AND query ~ '^(CREATE|DROP) INDEX CONCURRENTLY'";

  db::DatabaseConfig config_ = PostgresServer::shared().make_database();
  std::optional<PostgresInspector> reader_;
};

TEST_F(PostgresConcurrentIndex, IsMadeOnceWhileOtherStartersWaitForTheLock) {
  reach(7);
  std::vector<std::future<bool>> starters;
  for (int i = 0; i < 4; ++i) {
    starters.push_back(
        std::async(std::launch::async, [this] { return go_to(config_, 9).has_value(); }));
  }
  for (auto& starter : starters) EXPECT_TRUE(starter.get());
  EXPECT_EQ(last_row(), "9done");
  EXPECT_EQ(invalid(), "0");
  EXPECT_EQ(drift(), "");
}

TEST_F(PostgresConcurrentIndex, HoldsUpNoWriterWhileItWaits) {
  reach(7);
  value("INSERT INTO parents (id, title, size) VALUES (1, 'one', 1)");
  auto begun = begin(8);
  PostgresInspector writer(config_);
  writer.rows("SET lock_timeout = '5s'");
  writer.rows("INSERT INTO children (parent_id) VALUES (1)");
  EXPECT_EQ(writer.rows("SELECT count(*) FROM children").front(), "1");
  end_reading();
  EXPECT_TRUE(begun.get());
  EXPECT_EQ(invalid(), "0");
  EXPECT_EQ(drift(), "");
}

TEST_F(PostgresConcurrentIndex, ThatWasCutOffIsMadeByTheNextStarter) {
  reach(7);
  cut_off(begin(8));
  EXPECT_EQ(invalid(), "1");
  EXPECT_EQ(last_row(), "8applying1");
  reach(9);
  EXPECT_EQ(last_row(), "9done");
  EXPECT_EQ(invalid(), "0");
  EXPECT_EQ(drift(), "");
}

TEST_F(PostgresConcurrentIndex, ThatWasBeingDroppedIsDroppedByTheNextDowngrade) {
  reach(9);
  cut_off(begin(8));
  EXPECT_EQ(indexes("ix_parents_title"), "1") << "the ruin";
  EXPECT_EQ(last_row(), "9reverting0");
  reach(8);
  EXPECT_EQ(indexes("ix_parents_title"), "0");
  EXPECT_EQ(last_row(), "8done");
  EXPECT_EQ(drift(), "");
}

TEST_F(PostgresConcurrentIndex, AnOlderVersionWorksWhileItIsMade) {
  reach(8);
  auto begun = begin(9);
  auto session = db::postgres::open_schema(config_.server);
  ASSERT_TRUE(session);
  const auto history = (*session)->history();
  ASSERT_TRUE(history);
  EXPECT_TRUE(db::require_head(altering_migrations().first(8), (*session)->dialect(), *history,
                               "the database"));
  end_reading();
  EXPECT_TRUE(begun.get());
}

TEST_F(PostgresConcurrentIndex, StandsAloneInAScriptAsWell) {
  const auto dialect = db::Dialect::postgresql;
  run_script(db::offline_script(altering_migrations(), 0, 9, dialect, "1.2.3"));
  EXPECT_EQ(last_row(), "9done");
  EXPECT_EQ(drift(), "");
  run_script(db::offline_script(altering_migrations(), 9, 7, dialect, "1.2.3"));
  EXPECT_EQ(last_row(), "7done");
  EXPECT_EQ(drift(), "");
}

TEST_F(PostgresConcurrentIndex, AScriptThatWasCutOffIsGoneOnWith) {
  const auto dialect = db::Dialect::postgresql;
  run_script(db::offline_script(altering_migrations(), 0, 9, dialect, "1.2.3"),
             "CREATE INDEX CONCURRENTLY");
  EXPECT_EQ(last_row(), "8applying1");
  reach(9);
  EXPECT_EQ(drift(), "");
  run_script(db::offline_script(altering_migrations(), 9, 7, dialect, "1.2.3"),
             "DROP INDEX CONCURRENTLY");
  EXPECT_EQ(last_row(), "9reverting0");
  reach(7);
  EXPECT_EQ(last_row(), "7done");
  EXPECT_EQ(drift(), "");
}

}  // namespace
}  // namespace unity::test
