// What is particular to the PostgreSQL adapter: rows, partitions, other writers.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <fstream>
#include <thread>

#include "db/postgres_database.hpp"
#include "db/records.hpp"
#include "postgres/day_ranges.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Postgres : public testing::Test {
 protected:
  Postgres() {
    const auto upgraded = db::upgrade_schema(config_, "test");
    EXPECT_TRUE(upgraded) << upgraded.error().message;
    database_ = open();
  }
  std::unique_ptr<db::Database> open() const {
    auto opened = db::open_database(config_);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  Result<std::vector<Rejection>> write(const std::vector<Record>& batch) {
    return database_->storage().write(batch);
  }
  std::string value(const std::string& sql) { return PostgresInspector(config_).value(sql); }
  std::vector<std::string> rows(const std::string& sql) {
    return PostgresInspector(config_).rows(sql);
  }

  // For sessions that begin from now on.
  void set(std::initializer_list<const char*> settings) {
    for (const auto* setting : settings) {
      rows("ALTER DATABASE " + config_.server.database + " SET " + setting);
    }
  }
  // Has the server write down what is sent to it.
  void log_statements() {
    set({"log_statement = 'all'", "log_min_messages = 'log'", "log_parameter_max_length = 0"});
  }
  int logged_statements() const { return logged("LOG:  execute ") + logged("LOG:  statement: "); }
  // Has the server write down how it finds rows.
  void log_plans() {
    set({"session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0",
         "log_min_messages = 'log'"});
  }
  // Lines of the server's log with this text.
  int logged(std::string_view text) const {
    std::ifstream log(config_.server.host + "/log");
    int count = 0;
    for (std::string line; std::getline(log, line);) count += line.find(text) != line.npos;
    return count;
  }

  db::DatabaseConfig config_ = PostgresServer::shared().make_database();
  std::unique_ptr<db::Database> database_;
};

TEST_F(Postgres, KeepsAFrameInOneRow) {
  ASSERT_TRUE(
      write({record("load", at_second(1), {field("one", 0.5), field("five", 2.0)}),
             record("os", at_second(1), {field("name", "x"), field("up", true, Kind::boolean)})}));
  ASSERT_TRUE(write({record("load", at_second(2), {field("five", 2.5)})}));
  EXPECT_THAT(rows("SELECT time, vals, doc FROM metric_frames ORDER BY time"),
              ElementsAre("1970-01-01 00:00:01+00|{0.5,2,1}|{\"os\": {\"name\": \"x\"}}",
                          "1970-01-01 00:00:02+00|{NULL,2.5}|NULL"));
  EXPECT_THAT(
      rows("SELECT position, metric_name, field, kind FROM metric_series ORDER BY 1"),
      ElementsAre("0|load|one|gauge", "1|load|five|gauge", "2|os|up|bool", "NULL|os|name|gauge"));
}

TEST_F(Postgres, KeepsBesideADoubleTheIntegerThatItRounds) {
  constexpr std::int64_t odd = (std::int64_t{1} << 53) + 1;
  ASSERT_TRUE(write({record("m", at_second(1), {field("odd", odd), field("even", odd - 1)})}));
  EXPECT_EQ(value("SELECT vals, doc FROM metric_frames"),
            "{9.007199254740992e+15,9.007199254740992e+15}|{\"m\": {\"odd\": 9007199254740993}}");
  const auto again = write({record("m", at_second(1), {field("odd", odd - 1)})});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->size(), 1u) << "equal only when rounded";
}

TEST_F(Postgres, TakesTenThousandRecordsAtOnceAndAgain) {
  std::vector<Record> batch;
  for (int i = 0; i < 10'000; ++i) {
    batch.push_back(record("m", at_second(i / 500), {field("x", i * 0.25), field("t", "text")},
                           {{"n", std::to_string(i % 500)}}));
  }
  for (int i = 0; i < 2; ++i) {
    const auto written = write(batch);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_TRUE(written->empty());
    EXPECT_EQ(value("SELECT count(*), sum(vals[1]) FROM metric_frames"), "10000|12498750");
  }
}

TEST_F(Postgres, AddsAndFindsTenThousandSourcesInAFewStatements) {
  std::vector<Record> batch;
  for (int i = 0; i < 10'000; ++i) {
    auto one = record("m", at_second(1), {field("x", i * 0.5)}, {{"n", std::to_string(i)}});
    one.origin =
        std::make_shared<const Origin>(Origin{"host-" + std::to_string(i % 100), "plugin", "disk"});
    batch.push_back(std::move(one));
  }
  log_statements();
  for (int start = 0; start < 2; ++start) {  // the second time they are there, but not known
    const auto database = open();
    const auto before = logged_statements();

    const auto written = database->storage().write(batch);

    EXPECT_LE(logged_statements() - before, 16);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_TRUE(written->empty());
    EXPECT_EQ(value("SELECT count(*), sum(vals[1]) FROM metric_frames JOIN metric_sources "
                    "USING (source_id) WHERE vals[1] * 2 = (tags ->> 'n')::int"),
              "10000|24997500");
  }
}

// The planner knows little of a partition that is being filled.
TEST_F(Postgres, LooksFramesThatComeLateUpByTheirKeys) {
  std::vector<Record> first;
  for (int i = 0; i < 10'000; ++i) first.push_back(record("m", at_second(i), {field("a", 1.0)}));
  ASSERT_TRUE(write(first));
  log_plans();
  database_ = open();
  const int scans_before = logged("Seq Scan on metric_frames_p");
  const int lookups_before = logged("Index Scan using metric_frames_p");
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(write({record("m", at_second(i * 1000), {field("b", 2.0)}),
                       record("m", at_second(i * 1000 + 1), {field("b", 2.0)})}));
  }
  EXPECT_EQ(logged("Seq Scan on metric_frames_p"), scans_before);
  EXPECT_GE(logged("Index Scan using metric_frames_p"), lookups_before + 10);
  EXPECT_EQ(value("SELECT count(*), count(*) FILTER (WHERE vals = '{1,2}') FROM metric_frames"),
            "10000|20");
}

TEST_F(Postgres, NoticesWhatAnotherWriterChanged) {
  ASSERT_TRUE(write({record("m", at_second(1), {field("a", 1.5)})}));
  const auto other = open();
  const std::vector batch{record("m", at_second(2), {field("b", 2.5)})};
  ASSERT_TRUE(other->storage().write(batch));
  const auto written = write({record("m", at_second(2), {field("c", 3.5), field("b", 2.5)})});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_THAT(rows("SELECT vals FROM metric_frames ORDER BY time"),
              ElementsAre("{1.5}", "{NULL,2.5,3.5}"));
}

TEST_F(Postgres, WritersThatStoreTheSameAtOnceStoreItOnce) {
  std::vector<Record> batch;
  for (int i = 0; i < 200; ++i) {
    batch.push_back(
        record("m", at_second(i), {field("x", std::int64_t{i})}, {{"n", std::to_string(i % 20)}}));
  }
  std::vector<std::string> failures(4);
  std::vector<std::thread> writers;
  for (auto& failure : failures) {
    writers.emplace_back([&, database = std::shared_ptr(open())] {
      for (int i = 0; i < 20; ++i) {
        const auto written = database->storage().write(batch);
        if (written && written->empty()) return;
        failure = written ? (*written)[0].detail : written.error().message;
        // Another writer was in the way: a caller repeats what is unavailable.
        if (written || written.error().code != Errc::unavailable) return;
        failure.clear();
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_THAT(failures, testing::Each(""));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "200");
  EXPECT_EQ(value("SELECT count(*) FROM metric_sources"), "20");
}

// Each has read the source without what the others add to it.
TEST_F(Postgres, WritersThatAddDifferentFieldsToASourceAtOnceAllStoreThem) {
  constexpr int kWriters = 8;
  constexpr int kBatches = 6;
  ASSERT_TRUE(write({record("m", at_second(0), {field("x", 1.5)})}));
  std::vector<std::string> failures(kWriters);
  std::vector<std::thread> writers;
  std::barrier together(kWriters);
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w, database = std::shared_ptr(open())] {
      for (int i = 0; i < kBatches; ++i) {
        const std::vector batch{record("m", at_second(1 + w * kBatches + i),
                                       {field(fmt::format("f{}_{}", w, i), 1.5)})};
        together.arrive_and_wait();
        auto written = database->storage().write(batch);
        for (int again = 0; again < 50 && !written; ++again) {
          if (written.error().code != Errc::unavailable) break;
          written = database->storage().write(batch);
        }
        if (!written) failures[static_cast<std::size_t>(w)] = written.error().message;
        if (written && !written->empty()) {
          failures[static_cast<std::size_t>(w)] = (*written)[0].detail;
        }
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_THAT(failures, testing::Each(""));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "49");
  EXPECT_EQ(value("SELECT count(DISTINCT position) FROM metric_series"), "49");
}

TEST_F(Postgres, MakesAWeekOfPartitionsAheadOfEachTable) {
  EXPECT_THAT(
      rows("SELECT i.inhparent::regclass, count(*) FROM pg_inherits i "
           "JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent "
           "WHERE p.relkind = 'p' AND c.relname ~ '_p[0-9]{8}$' "
           "GROUP BY i.inhparent ORDER BY i.inhparent::regclass::text"),
      ElementsAre("data_collection_audit|8", "metric_frames|8", "service_performance_metrics|8"));
}

TEST_F(Postgres, MakesAPartitionForWhateverYearARowIsOf) {
  const auto first = *parse_rfc3339("0001-01-01T00:00:00Z");
  const auto last = *parse_rfc3339("9999-12-31T23:59:59.999999Z");
  ASSERT_TRUE(write({record("m", first, {field("x", 1.5)}), record("m", last, {field("x", 2.5)}),
                     record("m", at_second(1), {field("x", 3.5)})}));
  EXPECT_THAT(rows("SELECT tableoid::regclass FROM metric_frames ORDER BY time"),
              ElementsAre("metric_frames_p0001", "metric_frames_p1970", "metric_frames_p9999"));
  const auto rejected = write(
      {record("m", Time::max(), {field("x", 1.5)}), record("m", Time::min(), {field("x", 1.5)})});
  ASSERT_TRUE(rejected) << rejected.error().message;
  ASSERT_EQ(rejected->size(), 2u);
  EXPECT_EQ((*rejected)[0].reason, "invalid");
}

TEST_F(Postgres, MakesAPartitionAgainThatSomebodyRemoved) {
  ASSERT_TRUE(write({record("m", at_second(1), {field("x", 1.5)})}));
  rows("DROP TABLE metric_frames_p1970");
  const auto written = write({record("m", at_second(2), {field("x", 1.5)})});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "1");
}

TEST_F(Postgres, KeepsTheAuditInPartitionsThatArriveWithItsRows) {
  CollectionAudit run;
  run.operation_id = std::string(16, 'a');
  run.time = *parse_rfc3339("2019-05-05T12:00:00Z");
  auto later = run;
  later.time = at_second(1);
  const auto write_audit = [&] { return database_->audit().write(std::vector{run, later}); };
  ASSERT_TRUE(write_audit());
  EXPECT_THAT(rows("SELECT tableoid::regclass FROM data_collection_audit ORDER BY time"),
              ElementsAre("data_collection_audit_p1970", "data_collection_audit_p2019"));

  rows("DROP TABLE data_collection_audit_p1970");
  const auto again = write_audit();

  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(value("SELECT count(*) FROM data_collection_audit"), "2");
  later.time = Time::max();
  EXPECT_EQ(write_audit().error().code, Errc::invalid);
}

TEST_F(Postgres, IsRefusedWhenATableIsMissing) {
  rows("ALTER TABLE metric_frames RENAME TO lost");
  const auto written = write({record("m", at_second(1), {field("x", 1.5)})});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::refused);
  EXPECT_THAT(written.error().message, HasSubstr("metric_frames"));
  rows("ALTER TABLE lost RENAME TO metric_frames");
  EXPECT_TRUE(write({record("m", at_second(1), {field("x", 1.5)})}));
}

TEST_F(Postgres, ShowsTheRowsOfTheDocuments) {
  const auto time = *parse_rfc3339("2026-01-31T12:00:00.25Z");
  ASSERT_TRUE(write({record(
      "load", time, {field("one", 0.1 + 0.2), field("all", 18446744073709551615u), field("t", "x")},
      {{"a", "1"}})}));
  EXPECT_THAT(rows("SELECT * FROM plugin_metrics"),
              ElementsAre("2026-01-31 12:00:00.25+00|disk-plugin|load|"
                          "{\"t\": \"x\", \"all\": 18446744073709551615, "
                          "\"one\": 0.30000000000000004}|{\"a\": \"1\"}|disk|host-a|"
                          "1769860800250000"));
}

TEST_F(Postgres, RegistersPluginsAsRows) {
  PluginInfo plugin{"disk-plugin", "Disk", "1.0", "", "system", std::string(32, 'h')};
  const auto registered = [&] {
    EXPECT_TRUE(database_->catalog().register_plugins(std::vector{plugin}));
    return value("SELECT name, version, description, category, enabled, row_version FROM plugins");
  };
  EXPECT_EQ(registered(), "Disk|1.0|NULL|system|t|1");
  EXPECT_EQ(registered(), "Disk|1.0|NULL|system|t|1");
  plugin.version = "1.1";
  EXPECT_EQ(registered(), "Disk|1.1|NULL|system|t|2");
}

using db::Day;
using db::postgres::DayRange;
using db::postgres::DayRanges;
using std::chrono::days;

Day day(const char* text) {
  return std::chrono::floor<days>(*parse_rfc3339(std::string(text) + "T00:00:00Z"));
}

TEST(DayRanges, AreDaysNearTodayAndYearsFarFromIt) {
  const auto today = day("2026-06-15");
  DayRanges ranges;
  const auto near = day("2025-12-31");
  EXPECT_EQ(ranges.range_for(near, today), (DayRange{near, near + days(1)}));
  EXPECT_EQ(ranges.range_for(day("2020-05-05"), today),
            (DayRange{day("2020-01-01"), day("2021-01-01")}));
  EXPECT_EQ(ranges.range_for(day("2027-01-01"), today),
            (DayRange{day("2027-01-01"), day("2028-01-01")}));
}

TEST(DayRanges, AreNoYearWhereADayOfItIsThereAlready) {
  const auto today = day("2026-06-15");
  DayRanges ranges;
  ranges.add({day("2024-12-31"), day("2025-01-01")});
  const auto far = day("2024-03-03");
  EXPECT_EQ(ranges.range_for(far, today), (DayRange{far, far + days(1)}));
  EXPECT_TRUE(ranges.covers(day("2024-12-31")));
  EXPECT_FALSE(ranges.covers(day("2025-01-01")));
  EXPECT_FALSE(ranges.covers(day("2024-12-30")));
}

}  // namespace
}  // namespace unity::test
