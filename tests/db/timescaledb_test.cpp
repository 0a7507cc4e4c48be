// What is particular to PostgreSQL with TimescaleDB: hypertables in place of partitions, and rows
// that are compressed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <thread>

#include "db/postgres_database.hpp"
#include "db/records.hpp"
#include "db/upgrade_with.hpp"
#include "migrations/list.hpp"
#include "unity/db/maintenance.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"
#include "unity/db/timescale.hpp"

namespace unity::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kStart = 1'767'225'600;  // 2026-01-01

class Timescaledb : public testing::Test {
 protected:
  void upgrade() {
    const auto upgraded = db::upgrade_schema(config_, "test");
    ASSERT_TRUE(upgraded) << upgraded.error().message;
  }
  void open() {
    auto opened = db::open_database(config_);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }
  Result<std::vector<Rejection>> write(const std::vector<Record>& batch) {
    return database_->storage().write(batch);
  }
  void expect_stored(const std::vector<Record>& batch) {
    const auto written = write(batch);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_THAT(*written, IsEmpty());
  }
  // Of 20 sources, 600 minutes of a day, each of one number.
  static std::vector<Record> some_hours(std::string name = "x") {
    std::vector<Record> batch;
    for (int minute = 0; minute < 600; ++minute) {
      for (int source = 0; source < 20; ++source) {
        batch.push_back(record("m", at_second(kStart + minute * 60), {field(name, minute * 0.5)},
                               {{"n", std::to_string(source)}}));
      }
    }
    return batch;
  }
  void compress() {
    value(
        "SELECT count(compress_chunk(c, if_not_compressed => TRUE)) "
        "FROM show_chunks('metric_frames') c");
  }
  db::TimescaleState state() {
    const auto found = db::timescale_state(config_);
    EXPECT_TRUE(found) << found.error().message;
    return found && *found ? **found : db::TimescaleState();
  }
  db::HypertableState frames() {
    for (const auto& one : state().hypertables) {
      if (one.name == "metric_frames") return one;
    }
    return {};
  }
  std::string drift() {
    std::string text;
    const auto drifts = db::find_schema_drift(config_);
    EXPECT_TRUE(drifts) << drifts.error().message;
    for (const auto& one : *drifts) text += one.text + "\n";
    return text;
  }
  std::string value(const std::string& sql) { return PostgresInspector(config_).value(sql); }
  std::vector<std::string> rows(const std::string& sql) {
    return PostgresInspector(config_).rows(sql);
  }

  db::DatabaseConfig config_ = PostgresServer::with_timescale().make_database();
  std::unique_ptr<db::Database> database_;
};

// schema.md 9.4, 2.
TEST_F(Timescaledb, EachTableThatIsCutByTimeIsAHypertableWithACompressionAndARetentionJob) {
  upgrade();
  const std::vector<std::string> tables = {"alert_history",
                                           "configuration_change_events",
                                           "configuration_snapshots",
                                           "data_collection_audit",
                                           "metric_frames",
                                           "raw_events",
                                           "service_performance_metrics"};
  EXPECT_EQ(rows("SELECT hypertable_name FROM timescaledb_information.hypertables "
                 "WHERE hypertable_schema = 'public' ORDER BY 1"),
            tables);
  EXPECT_EQ(rows("SELECT hypertable_name FROM timescaledb_information.jobs "
                 "WHERE proc_name = 'policy_compression' ORDER BY 1"),
            tables);
  EXPECT_EQ(value("SELECT count(*) FROM timescaledb_information.jobs WHERE proc_name IN "
                  "('policy_retention', 'policy_refresh_continuous_aggregate')"),
            "0")
      << "ours alone keeps the order of floor, rollups, drop";
  // Ours, one for each table, as in every database.
  auto maintenance = db::open_maintenance(config_, db::aging_tables({}));
  ASSERT_TRUE(maintenance) << maintenance.error().message;
  const std::atomic<bool> never = false;
  auto now = std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
  for (int minute = 0; minute < 5; ++minute, now += std::chrono::minutes(1)) {
    for (auto more = (*maintenance)->work(now, never); !more || *more;
         more = (*maintenance)->work(now, never)) {
      ASSERT_TRUE(more) << more.error().message;
    }
  }
  for (const auto& table : tables) {
    EXPECT_EQ(value("SELECT count(*) FROM maintenance_jobs WHERE job = 'retention' "
                    "AND last_status = 'success' AND target = '" +
                    table + "'"),
              "1")
        << table;
  }
  EXPECT_EQ(drift(), "");
}

TEST_F(Timescaledb, SegmentsAreThingsAndTheNewestComesFirst) {
  upgrade();
  EXPECT_THAT(rows("SELECT hypertable::text, segmentby, orderby FROM "
                   "timescaledb_information.hypertable_compression_settings ORDER BY 1"),
              testing::IsSupersetOf({"metric_frames|source_id|\"time\" DESC",
                                     "data_collection_audit|device_id|\"time\" DESC,operation_id",
                                     "service_performance_metrics|instance_id,service_name|"
                                     "\"time\" DESC"}));
}

TEST_F(Timescaledb, WritesNoPartitionsAndAChunkADay) {
  upgrade();
  open();
  expect_stored({record("m", at_second(kStart), {field("x", 1.5)}),
                 record("m", at_second(kStart + 86'399), {field("x", 2.5)}),
                 record("m", at_second(kStart + 86'400), {field("x", 3.5)})});
  EXPECT_THAT(rows("SELECT range_start, range_end FROM timescaledb_information.chunks "
                   "WHERE hypertable_name = 'metric_frames' ORDER BY 1"),
              ElementsAre("2026-01-01 00:00:00+00|2026-01-02 00:00:00+00",
                          "2026-01-02 00:00:00+00|2026-01-03 00:00:00+00"));
}

TEST_F(Timescaledb, RedeliveryIntoACompressedChunkChangesNothing) {
  upgrade();
  open();
  const auto batch = some_hours();
  expect_stored(batch);
  compress();
  expect_stored(batch);
  EXPECT_EQ(value("SELECT count(*), sum(vals[1]) FROM metric_frames"), "12000|1797000");
}

TEST_F(Timescaledb, WhatComesLateIsAddedToACompressedChunk) {
  upgrade();
  open();
  expect_stored(some_hours());
  compress();
  std::vector<Record> late;
  for (int minute = 0; minute < 100; ++minute) {
    late.push_back(
        record("m", at_second(kStart + minute * 60 + 30), {field("x", 1.0)}, {{"n", "3"}}));
  }
  expect_stored(late);
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "12100");
  compress();  // as the job does the next time
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "12100");
}

TEST_F(Timescaledb, WhatWasAbsentIsFilledInInACompressedChunk) {
  upgrade();
  open();
  expect_stored(some_hours("x"));
  compress();
  expect_stored(some_hours("y"));
  EXPECT_EQ(value("SELECT count(*), count(vals[1]), count(vals[2]), sum(vals[2]) "
                  "FROM metric_frames"),
            "12000|12000|12000|1797000");
}

TEST_F(Timescaledb, AConflictWithACompressedFrameIsTold) {
  upgrade();
  open();
  expect_stored(some_hours());
  compress();
  const auto written =
      write({record("m", at_second(kStart + 60), {field("x", -7.0)}, {{"n", "3"}}),
             record("m", at_second(kStart + 61), {field("x", -8.0)}, {{"n", "3"}})});
  ASSERT_TRUE(written) << written.error().message;
  ASSERT_EQ(written->size(), 1u);
  EXPECT_EQ(written->front().reason, "conflict");
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames WHERE vals[1] = -7"), "0");
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames WHERE vals[1] = -8"), "1");
}

TEST_F(Timescaledb, WritersThatFillTheSameCompressedFramesAtOnceLoseNothing) {
  upgrade();
  open();
  expect_stored(some_hours("base"));
  for (int i = 0; i < 4; ++i) {  // so that all know of the fields
    auto before = some_hours("field" + std::to_string(i));
    for (auto& one : before) one.time -= std::chrono::hours(24);
    before.resize(20);
    expect_stored(before);
  }
  compress();
  std::vector<std::string> failures(4);
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < failures.size(); ++i) {
    auto opened = db::open_database(config_);
    ASSERT_TRUE(opened);
    writers.emplace_back([&failures, i, database = std::shared_ptr(std::move(*opened))] {
      const auto batch = some_hours("field" + std::to_string(i));
      for (int attempt = 0; attempt < 20; ++attempt) {
        const auto written = database->storage().write(batch);
        failures[i] = written ? "" : written.error().message;
        // Another writer was in the way: a caller repeats what is unavailable.
        if (written || written.error().code != Errc::unavailable) return;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_THAT(failures, testing::Each(""));
  EXPECT_EQ(value("SELECT count(*), min(cardinality(vals)), "
                  "sum((SELECT count(v) FROM unnest(vals) v)) FROM metric_frames "
                  "WHERE time >= '2026-01-01'"),
            "12000|5|60000");
}

TEST_F(Timescaledb, TheAuditOfACompressedDayIsNotDoubled) {
  upgrade();
  open();
  CollectionAudit row;
  row.time = at_second(kStart);
  row.operation_id = std::string(16, 'a');
  row.data_type = "disk";
  row.collection_method = "schedule";
  row.status = "success";
  ASSERT_TRUE(database_->audit().write(std::vector{row}));
  value("SELECT count(compress_chunk(c)) FROM show_chunks('data_collection_audit') c");
  ASSERT_TRUE(database_->audit().write(std::vector{row}));
  EXPECT_EQ(value("SELECT count(*) FROM data_collection_audit"), "1");
}

TEST_F(Timescaledb, ItsOwnJobCompressesWhatIsOldEnough) {
  upgrade();
  open();
  expect_stored(some_hours());
  EXPECT_EQ(frames().compressed_chunks, 0);
  const auto job = value(
      "SELECT job_id FROM timescaledb_information.jobs WHERE hypertable_name = 'metric_frames'");
  value("CALL run_job(" + job + ")");
  const auto after = frames();
  EXPECT_EQ(after.chunks, 1);
  EXPECT_EQ(after.compressed_chunks, 1);
  EXPECT_EQ(after.compress_after, std::chrono::hours(7 * 24));
  EXPECT_LT(after.bytes_compressed * 4, after.bytes_uncompressed);
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "12000");
}

TEST_F(Timescaledb, CompressionFollowsTheConfiguration) {
  upgrade();
  config_.server.timeseries.compress_after = std::chrono::hours(3 * 24);
  upgrade();
  EXPECT_EQ(frames().compress_after, std::chrono::hours(3 * 24));
  config_.server.timeseries.compression = false;
  upgrade();
  EXPECT_EQ(frames().compress_after, std::nullopt);
  config_.server.timeseries.compression = true;
  upgrade();
  EXPECT_EQ(frames().compress_after, std::chrono::hours(3 * 24));
  EXPECT_EQ(state().jobs.size(), 7u);
}

// For the whole server, as there is no other way; sessions that begin later have it.
class ServerLicense {
 public:
  ServerLicense(const db::DatabaseConfig& config, const std::string& license) : config_(config) {
    set("ALTER SYSTEM SET timescaledb.license = '" + license + "'", license);
  }
  ~ServerLicense() { set("ALTER SYSTEM RESET timescaledb.license", "timescale"); }

 private:
  void set(const std::string& sql, const std::string& license) {
    PostgresInspector session(config_);
    session.rows(sql);
    session.rows("SELECT pg_reload_conf()");
    for (int i = 0; i < 600 && now() != license; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_EQ(now(), license);
  }
  std::string now() { return PostgresInspector(config_).value("SHOW timescaledb.license"); }

  db::DatabaseConfig config_;
};

TEST_F(Timescaledb, TheFreeLicenceIsWithoutCompressionAndSaysSo) {
  {
    const ServerLicense free(config_, "apache");
    upgrade();
    const auto found = state();
    EXPECT_TRUE(found.used);
    EXPECT_EQ(found.license, "apache");
    EXPECT_THAT(found.jobs, IsEmpty());
    ASSERT_EQ(found.remarks.size(), 1u);
    EXPECT_THAT(found.remarks.front(), HasSubstr("without compression"));
    EXPECT_EQ(drift(), "");
    open();
    expect_stored(some_hours());
  }
  upgrade();  // as the next start does
  EXPECT_EQ(state().jobs.size(), 7u);
}

TEST_F(Timescaledb, IsNotUsedWhereTheConfigurationSaysNo) {
  config_.server.timeseries.enabled = false;
  upgrade();
  EXPECT_FALSE(state().used);
  EXPECT_EQ(drift(), "");
  // And stays so: what was made in one way is not converted by a key.
  config_.server.timeseries.enabled.reset();
  upgrade();
  EXPECT_EQ(drift(), "");
  ASSERT_EQ(state().remarks.size(), 1u);
  EXPECT_THAT(state().remarks.front(), HasSubstr("the tables were made without it"));
  open();
  expect_stored(some_hours());
}

TEST_F(Timescaledb, IsAddedToADatabaseWithoutItWhereTheConfigurationSaysYes) {
  config_ = PostgresServer::with_timescale().make_plain_database();
  EXPECT_FALSE(db::timescale_state(config_)->has_value());
  config_.server.timeseries.enabled = true;
  EXPECT_EQ(db::schema_state(config_)->dialect, "timescaledb");
  upgrade();
  EXPECT_TRUE(state().used);
  EXPECT_THAT(state().remarks, IsEmpty());
  EXPECT_EQ(drift(), "");
}

TEST_F(Timescaledb, IsNotAddedToADatabaseThatIsNotAskedFor) {
  config_ = PostgresServer::with_timescale().make_plain_database();
  upgrade();
  EXPECT_EQ(db::schema_state(config_)->dialect, "postgresql");
  EXPECT_FALSE(db::timescale_state(config_)->has_value());
}

TEST_F(Timescaledb, APlainTableWhereAHypertableIsExpectedIsDrift) {
  upgrade();
  value(
      "CREATE TABLE copy (LIKE alert_history INCLUDING ALL); DROP TABLE alert_history; "
      "ALTER TABLE copy RENAME TO alert_history");
  EXPECT_EQ(drift(),
            "partitions of alert_history: its definition is none where hypertable by time is "
            "wanted\n");
}

TEST_F(Timescaledb, EightThatStartAtOnceApplyEachMigrationOnce) {
  std::vector<std::thread> starters;
  std::vector<std::string> errors(8);
  for (auto& error : errors) {
    starters.emplace_back([&] {
      const auto upgraded = db::upgrade_schema(config_, "1.2.3");
      if (!upgraded) error = upgraded.error().message;
    });
  }
  for (auto& starter : starters) starter.join();
  EXPECT_THAT(errors, testing::Each(""));
  EXPECT_EQ(state().jobs.size(), 7u);
  EXPECT_EQ(drift(), "");
}

TEST_F(Timescaledb, ScriptsForItAreWhatAnUpgradeMakes) {
  const auto script = db::schema_sql("timescaledb", "1.2.3", 0, db::schema_head());
  ASSERT_TRUE(script) << script.error().message;
  std::string sql;
  std::istringstream lines(*script);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('\\')) sql += line + "\n";  // psql's own
  }
  value(sql);
  EXPECT_EQ(drift(), "");
  EXPECT_EQ(db::schema_state(config_)->current, db::schema_head());
  upgrade();
  EXPECT_EQ(state().jobs.size(), 7u);
}

}  // namespace
}  // namespace unity::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (unity::test::PostgresServer::timescale_programs().empty()) {
    std::cout << "skipped: UNITY_TEST_TIMESCALEDB does not name the folder of the programs of a "
                 "PostgreSQL server with TimescaleDB, such as /usr/lib/postgresql/15/bin\n";
    return 77;
  }
  return RUN_ALL_TESTS();
}
