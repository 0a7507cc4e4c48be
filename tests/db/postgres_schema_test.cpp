// How the schema of a PostgreSQL database is made, upgraded, and refused.
#include "postgres/schema_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "db/dataset_rights.hpp"
#include "db/dataset_rows.hpp"
#include "db/postgres_database.hpp"
#include "db/upgrade_with.hpp"
#include "migrations/list.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using testing::HasSubstr;

class PostgresSchema : public testing::Test {
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
  std::string value(const std::string& sql) { return PostgresInspector(config_).value(sql); }

  db::DatabaseConfig config_ = PostgresServer::shared().make_database();
};

TEST_F(PostgresSchema, IsBroughtToHeadOnceAndSaysBy) {
  EXPECT_EQ(db::schema_state(config_)->current, 0);
  EXPECT_EQ(db::open_reader(config_).error().code, Errc::not_found);
  EXPECT_EQ(db::open_database(config_).error().code, Errc::refused);
  const auto first = db::upgrade_schema(config_, "1.2.3");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->size(), db::all_migrations().size());
  const auto second = db::upgrade_schema(config_, "1.2.3");
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->empty());
  EXPECT_EQ(value("SELECT string_agg(DISTINCT state || app_version || dialect, ' ') "
                  "FROM schema_migrations WHERE started_at <= finished_at "
                  "AND dirty_step IS NULL AND length(sql_text) > 100"),
            "done1.2.3postgresql");
}

TEST_F(PostgresSchema, ADatasetThatSomebodysViewHoldsIsBlockedAloneAndTriedAgain) {
  upgrade();
  auto database = db::open_database(config_);
  ASSERT_TRUE(database) << database.error().message;
  auto& catalog = (*database)->catalog();
  ASSERT_TRUE(catalog.declare_datasets(
      std::vector{dataset(R"({"name": "held", "columns": [{"name": "n", "type": "i32"}]})")}));
  value("CREATE VIEW somebodys AS SELECT * FROM held");
  const std::vector specs{
      dataset(R"({"name": "held", "version": 2, "columns": [
          {"name": "n", "type": "i32"}, {"name": "more", "type": "i32"}]})"),
      dataset(R"({"name": "other", "columns": [{"name": "n", "type": "i32"}]})")};

  const auto states = catalog.declare_datasets(specs);

  ASSERT_TRUE(states) << states.error().message;
  EXPECT_EQ((*states)[0].state, "blocked");
  EXPECT_EQ((*states)[0].version, 1);
  EXPECT_THAT((*states)[0].problem, HasSubstr("view somebodys depends on view held"));
  EXPECT_EQ((*states)[1].state, "applied") << (*states)[1].problem;
  EXPECT_EQ(value("SELECT state FROM datasets WHERE name = 'held'"), "blocked");

  value("DROP VIEW somebodys");
  const auto again = catalog.declare_datasets(specs);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)[0].state, "applied") << (*again)[0].problem;
  EXPECT_EQ((*again)[0].version, 2);
}

TEST_F(PostgresSchema, ADatasetIsBlockedUntilTheUserMayMakeItsTable) {
  upgrade();
  for (const auto* right : {"CREATE ROLE clerk LOGIN", "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                            "GRANT USAGE ON SCHEMA public TO clerk",
                            "GRANT ALL ON ALL TABLES IN SCHEMA public TO clerk",
                            "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO clerk"}) {
    value(right);
  }
  auto clerk = config_;
  clerk.server.username = "clerk";
  expect_blocked_until_granted(clerk, "permission denied for schema public",
                               [&] { value("GRANT CREATE ON SCHEMA public TO clerk"); });
  EXPECT_EQ(value("SELECT count(*) FROM held"), "0");
}

TEST_F(PostgresSchema, IsUpgradedFromTwoToThreeAndKeepsItsRows) {
  const auto older = upgrade_with(config_, db::all_migrations().first(2), "0.9");
  ASSERT_TRUE(older) << older.error().message;
  value(
      "CREATE TABLE metric_frames_p1970 PARTITION OF metric_frames "
      "FOR VALUES FROM ('1970-01-01') TO ('1971-01-01'); "
      "INSERT INTO metric_frames VALUES (1, '1970-01-01 00:00:01Z', '{1.5}', NULL)");
  const auto opened = db::open_database(config_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("is at 2, but this version of unity needs"));

  const auto rest = db::upgrade_schema(config_, "1.0");

  ASSERT_TRUE(rest) << rest.error().message;
  ASSERT_EQ(rest->size(), db::all_migrations().size() - 2);
  EXPECT_EQ(rest->front().name, "audit");
  EXPECT_EQ(value("SELECT vals FROM metric_frames"), "{1.5}");
  const auto database = db::open_database(config_);
  ASSERT_TRUE(database) << database.error().message;
  ServicePerformance row;
  row.instance_id = "host-a";
  row.service_name = "collection";
  EXPECT_TRUE((*database)->audit().write(std::vector{row}));
  EXPECT_EQ(value("SELECT count(*) FROM service_performance_metrics_p1970"), "1");
}

TEST_F(PostgresSchema, EightThatStartAtOnceApplyEachMigrationOnce) {
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
  EXPECT_EQ(std::count(applied.begin(), applied.end(), db::all_migrations().size()), 1);
  EXPECT_EQ(std::count(applied.begin(), applied.end(), 0u), 7);
}

TEST_F(PostgresSchema, WaitsForAnotherOnlySoLong) {
  PostgresInspector other(config_);
  other.rows("SELECT pg_advisory_lock(hashtextextended('unity.schema:public', 0))");
  const auto session = db::postgres::open_schema(config_.server, std::chrono::milliseconds(200));
  ASSERT_TRUE(session) << session.error().message;
  const auto upgraded = db::upgrade(**session, db::all_migrations(), {db::schema_head()});
  ASSERT_FALSE(upgraded);
  EXPECT_EQ(upgraded.error().code, Errc::unavailable);
  EXPECT_THAT(upgraded.error().message, HasSubstr("another process has been at it"));
}

std::span<const db::Op> broken_ops() {
  static constexpr db::Column columns[] = {{"x", db::Type::i64}};
  static constexpr db::Op ops[] = {
      db::CreateTable{.name = "half_way", .columns = columns, .primary_key = "x"},
      db::CreateIndex{"ix", "no_such_table", "x"}};
  return ops;
}

TEST_F(PostgresSchema, AMigrationThatFailsLeavesNothingBehind) {
  const db::Migration migrations[] = {db::all_migrations()[0], {2, "broken", broken_ops}};
  const auto upgraded = upgrade_with(config_, migrations, "1.2.3");
  ASSERT_FALSE(upgraded);
  EXPECT_THAT(upgraded.error().message, HasSubstr("apply migration 2 (broken)"));
  EXPECT_EQ(db::schema_state(config_)->current, 0);
  upgrade();
}

TEST_F(PostgresSchema, NewerThanTheBinaryIsRefusedWithBothNumbers) {
  upgrade();
  value(
      "INSERT INTO schema_migrations SELECT 99, 'later', checksum, state, NULL, started_at, "
      "finished_at, app_version, applied_by, dialect, sql_text, TRUE FROM schema_migrations "
      "WHERE seq = 1");
  expect_refused("is at 99, but this version of unity knows only up to");
  EXPECT_FALSE(db::open_database(config_));
  EXPECT_FALSE(db::open_reader(config_));
}

TEST_F(PostgresSchema, DifferentChecksumsAreRefusedAndAllListed) {
  upgrade();
  value("UPDATE schema_migrations SET checksum = decode(repeat('00', 32), 'hex')");
  expect_refused("1 (registry): the checksum");
  expect_refused("2 (metrics): the checksum");
}

TEST_F(PostgresSchema, ADatabaseOfSomethingElseIsRefused) {
  value("CREATE TABLE songs (title text)");
  expect_refused("belongs to something else");
  EXPECT_EQ(value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "1");
}

TEST_F(PostgresSchema, ARoleThatMayNotMakeTablesIsToldSo) {
  value("CREATE ROLE visitor LOGIN");
  config_.server.username = "visitor";
  expect_refused("permission denied for schema public");
  expect_refused("grant the host's role");
}

TEST_F(PostgresSchema, ARoleThatMayUseNoSchemaIsToldSo) {
  value("CREATE ROLE outsider LOGIN");
  value("REVOKE ALL ON SCHEMA public FROM PUBLIC");
  config_.server.username = "outsider";
  expect_refused("may use none of the schemas in its search_path");
}

}  // namespace
}  // namespace unity::test
