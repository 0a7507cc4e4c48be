// What is particular to the MariaDB adapter: rows, partitions, other writers.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "db/mariadb_database.hpp"
#include "db/records.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Mariadb : public testing::Test {
 protected:
  Mariadb() {
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
  std::string value(const std::string& sql) { return MariadbInspector(config_).value(sql); }
  std::vector<std::string> rows(const std::string& sql) {
    return MariadbInspector(config_).rows(sql);
  }
  // Those that have any, as "name|rows".
  std::vector<std::string> partitions_with_rows(const std::string& table) {
    std::vector<std::string> found;
    for (const auto& name :
         rows("SELECT partition_name FROM information_schema.partitions WHERE table_schema = "
              "DATABASE() AND table_name = '" +
              table + "' ORDER BY partition_ordinal_position")) {
      const auto count = value("SELECT COUNT(*) FROM " + table + " PARTITION (" + name + ")");
      if (count != "0") found.push_back(name + "|" + count);
    }
    return found;
  }
  int statements() {
    const auto text = value("SHOW GLOBAL STATUS LIKE 'Questions'");
    return std::stoi(text.substr(text.find('|') + 1));
  }

  db::DatabaseConfig config_ = MariadbServer::shared().make_database();
  std::unique_ptr<db::Database> database_;
};

TEST_F(Mariadb, KeepsAFrameInOneRow) {
  ASSERT_TRUE(
      write({record("load", at_second(1), {field("one", 0.5), field("five", 2.0)}),
             record("os", at_second(1), {field("name", "x"), field("up", true, Kind::boolean)})}));
  ASSERT_TRUE(write({record("load", at_second(2), {field("five", 2.5)})}));
  EXPECT_THAT(
      rows("SELECT time, vals, doc FROM metric_frames ORDER BY time"),
      ElementsAre("1000000|[0.5,2,1]|{\"os\":{\"name\":\"x\"}}", "2000000|[null,2.5]|NULL"));
  EXPECT_THAT(
      rows("SELECT position, metric_name, field, kind FROM metric_series ORDER BY series_id"),
      testing::UnorderedElementsAre("0|load|one|gauge", "1|load|five|gauge", "2|os|up|bool",
                                    "NULL|os|name|gauge"));
}

TEST_F(Mariadb, TakesTenThousandRecordsAtOnceAndAgain) {
  std::vector<Record> batch;
  for (int i = 0; i < 10'000; ++i) {
    batch.push_back(record("m", at_second(i / 500), {field("x", i * 0.25), field("t", "text")},
                           {{"n", std::to_string(i % 500)}}));
  }
  for (int i = 0; i < 2; ++i) {
    const auto written = write(batch);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_TRUE(written->empty());
    EXPECT_EQ(value("SELECT COUNT(*), ROUND(SUM(JSON_VALUE(vals, '$[0]'))) FROM metric_frames"),
              "10000|12498750");
  }
}

TEST_F(Mariadb, TakesABatchThatIsLargerThanThePacketsOfTheServer) {
  std::vector<Record> batch;
  for (int i = 0; i < 40; ++i) {
    batch.push_back(record("m", at_second(i), {field("t", std::string(1 << 20, 'x'))}));
  }
  const auto written = write(batch);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(value("SELECT COUNT(*), MIN(LENGTH(doc)) > 1000000 FROM metric_frames"), "40|1");

  const auto too_large =
      write({record("m", at_second(99), {field("t", std::string(5 << 20, 'x'))})});
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().code, Errc::invalid);
  EXPECT_THAT(too_large.error().message, HasSubstr("raise max_allowed_packet"));
  EXPECT_TRUE(write({record("m", at_second(100), {field("t", "x")})}));
}

TEST_F(Mariadb, AddsAndFindsTenThousandSourcesInAFewStatements) {
  std::vector<Record> batch;
  for (int i = 0; i < 10'000; ++i) {
    auto one = record("m", at_second(1), {field("x", i * 0.5)}, {{"n", std::to_string(i)}});
    one.origin =
        std::make_shared<const Origin>(Origin{"host-" + std::to_string(i % 100), "plugin", "disk"});
    batch.push_back(std::move(one));
  }
  for (int start = 0; start < 2; ++start) {  // the second time they are there, but not known
    const auto database = open();
    const auto before = statements();

    const auto written = database->storage().write(batch);

    // Those of the inspector are among them.
    EXPECT_LE(statements() - before, 30);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_TRUE(written->empty());
    EXPECT_EQ(value("SELECT COUNT(*), ROUND(SUM(JSON_VALUE(vals, '$[0]'))) FROM metric_frames "
                    "JOIN metric_sources USING (source_id) "
                    "WHERE JSON_VALUE(vals, '$[0]') * 2 = JSON_VALUE(tags, '$.n')"),
              "10000|24997500");
  }
}

TEST_F(Mariadb, NoticesWhatAnotherWriterChanged) {
  ASSERT_TRUE(write({record("m", at_second(1), {field("a", 1.5)})}));
  const auto other = open();
  const std::vector batch{record("m", at_second(2), {field("b", 2.5)})};
  ASSERT_TRUE(other->storage().write(batch));
  const auto written = write({record("m", at_second(2), {field("c", 3.5), field("b", 2.5)})});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_THAT(rows("SELECT vals FROM metric_frames ORDER BY time"),
              ElementsAre("[1.5]", "[null,2.5,3.5]"));
}

TEST_F(Mariadb, WritersThatStoreTheSameAtOnceStoreItOnce) {
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
        failure = written ? written->empty() ? "" : (*written)[0].detail : written.error().message;
        // Another writer was in the way: a caller repeats what is unavailable.
        if (written || written.error().code != Errc::unavailable) return;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_THAT(failures, testing::Each(""));
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_frames"), "200");
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_sources"), "20");
}

// Each has read the source without what the others add to it.
TEST_F(Mariadb, WritersThatAddDifferentFieldsToASourceAtOnceAllStoreThem) {
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

TEST_F(Mariadb, MakesAWeekOfPartitionsAheadOfEachTable) {
  EXPECT_THAT(
      rows("SELECT table_name, COUNT(*) FROM information_schema.partitions "
           "WHERE table_schema = DATABASE() AND partition_name REGEXP '^p[0-9]{8}$' "
           "GROUP BY table_name ORDER BY table_name"),
      ElementsAre("data_collection_audit|8", "metric_frames|8", "service_performance_metrics|8"));
  EXPECT_EQ(value("SELECT FROM_UNIXTIME(MAX(CAST(partition_description AS SIGNED)) / 1000000) = "
                  "UTC_DATE() + INTERVAL 8 DAY FROM information_schema.partitions "
                  "WHERE table_schema = DATABASE()"),
            "1");
}

TEST_F(Mariadb, KeepsWhateverYearARowIsOf) {
  const auto first = *parse_rfc3339("0001-01-01T00:00:00Z");
  const auto last = *parse_rfc3339("9999-12-31T23:59:59.999999Z");
  const auto written =
      write({record("m", first, {field("x", 1.5)}), record("m", last, {field("x", 2.5)}),
             record("m", at_second(1), {field("x", 3.5)})});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_THAT(partitions_with_rows("metric_frames"), ElementsAre("p_floor|2", "p9999|1"));
  const auto rejected = write(
      {record("m", Time::max(), {field("x", 1.5)}), record("m", Time::min(), {field("x", 1.5)})});
  ASSERT_TRUE(rejected) << rejected.error().message;
  ASSERT_EQ(rejected->size(), 2u);
  EXPECT_EQ((*rejected)[0].reason, "invalid");
}

TEST_F(Mariadb, MakesAPartitionAgainThatSomebodyRemoved) {
  const auto today = std::chrono::system_clock::now();
  const auto now = std::chrono::floor<std::chrono::microseconds>(today);
  ASSERT_TRUE(write({record("m", at_second(1), {field("x", 1.5)})}));
  for (const auto& name : rows("SELECT partition_name FROM information_schema.partitions "
                               "WHERE table_schema = DATABASE() AND table_name = 'metric_frames' "
                               "AND partition_name != 'p_floor'")) {
    rows("ALTER TABLE metric_frames DROP PARTITION " + name);
  }
  const auto written = write({record("m", now, {field("x", 1.5)})});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(value("SELECT COUNT(*) FROM metric_frames"), "2");
}

TEST_F(Mariadb, KeepsTheAuditInPartitionsThatArriveWithItsRows) {
  CollectionAudit run;
  run.operation_id = std::string(16, 'a');
  run.time = *parse_rfc3339("2190-05-05T12:00:00Z");
  auto later = run;
  later.time = at_second(1);
  const auto write_audit = [&] { return database_->audit().write(std::vector{run, later}); };
  ASSERT_TRUE(write_audit());
  EXPECT_THAT(partitions_with_rows("data_collection_audit"), ElementsAre("p_floor|1", "p2190|1"));

  rows("ALTER TABLE data_collection_audit DROP PARTITION p2190");
  const auto again = write_audit();

  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(value("SELECT COUNT(*) FROM data_collection_audit"), "2");
  later.time = Time::max();
  EXPECT_EQ(write_audit().error().code, Errc::invalid);
}

TEST_F(Mariadb, IsRefusedWhenATableIsMissing) {
  rows("RENAME TABLE metric_frames TO lost");
  const auto written = write({record("m", at_second(1), {field("x", 1.5)})});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::refused) << written.error().message;
  EXPECT_THAT(written.error().message, HasSubstr("metric_frames"));
  rows("RENAME TABLE lost TO metric_frames");
  EXPECT_TRUE(write({record("m", at_second(1), {field("x", 1.5)})}));
}

TEST_F(Mariadb, RegistersPluginsAsRows) {
  PluginInfo plugin{"disk-plugin", "Disk", "1.0", "", "system", std::string(32, 'h')};
  const auto registered = [&] {
    EXPECT_TRUE(database_->catalog().register_plugins(std::vector{plugin}));
    return value("SELECT name, version, description, category, enabled, row_version FROM plugins");
  };
  EXPECT_EQ(registered(), "Disk|1.0|NULL|system|1|1");
  EXPECT_EQ(registered(), "Disk|1.0|NULL|system|1|1");
  plugin.version = "1.1";
  EXPECT_EQ(registered(), "Disk|1.1|NULL|system|1|2");
}

}  // namespace
}  // namespace unity::test
