// The view plugin_metrics: the documents' rows, for people with any SQLite client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/inspect.hpp"
#include "db/records.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

class View : public testing::Test {
 protected:
  View() {
    EXPECT_TRUE(db::upgrade_schema(config_, "test"));
    auto opened = db::open_database(config_);
    EXPECT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }
  void write(std::vector<Record> batch) {
    const auto written = database_->storage().write(batch);
    ASSERT_TRUE(written) << written.error().message;
    ASSERT_TRUE(written->empty());
  }
  std::vector<std::string> rows(const std::string& sql) {
    return Inspector(config_.path).rows(sql);
  }

  TempDir dir_;
  db::DatabaseConfig config_{"sqlite", dir_ / "unity.db"};
  std::unique_ptr<db::Database> database_;
};

TEST_F(View, HasTheColumnsOfTheDocumentsFirst) {
  EXPECT_THAT(rows("SELECT name FROM pragma_table_info('plugin_metrics')"),
              testing::ElementsAre("time", "plugin_id", "metric_name", "value", "tags", "instance",
                                   "device", "time_us"));
}

TEST_F(View, HasARowForEachMetricOfEachFrame) {
  const auto time = *parse_rfc3339("2026-01-31T12:00:00.25Z");
  write({record("load", time, {field("five", 2.0), field("one", 0.5)}, {{"b", "2"}, {"a", "1"}}),
         record("os", time, {field("name", "Debian")}, {{"a", "1"}, {"b", "2"}}),
         record("load", time + std::chrono::seconds(1), {field("one", 0.75)})});
  EXPECT_THAT(rows("SELECT * FROM plugin_metrics ORDER BY time, metric_name"),
              testing::ElementsAre(
                  "2026-01-31T12:00:00.250000Z|disk-plugin|load|{\"five\":2,\"one\":0.5}|"
                  "{\"a\":\"1\",\"b\":\"2\"}|disk|host-a|1769860800250000",
                  "2026-01-31T12:00:00.250000Z|disk-plugin|os|{\"name\":\"Debian\"}|"
                  "{\"a\":\"1\",\"b\":\"2\"}|disk|host-a|1769860800250000",
                  "2026-01-31T12:00:01.250000Z|disk-plugin|load|{\"one\":0.75}|{}|disk|host-a|"
                  "1769860801250000"));
}

TEST_F(View, PutsNumbersAndTextsOfAMetricTogether) {
  write({record("m", at_second(0), {field("n", 1.5), field("t", "x")})});
  EXPECT_THAT(rows("SELECT value FROM plugin_metrics"),
              testing::ElementsAre("{\"n\":1.5,\"t\":\"x\"}"));
}

TEST_F(View, PassesEveryDigitOn) {
  write({record("m", at_second(0), {field("a", 0.1 + 0.2), field("b", 18446744073709551615u)})});
  EXPECT_THAT(rows("SELECT value FROM plugin_metrics"),
              testing::ElementsAre("{\"a\":0.30000000000000004,\"b\":18446744073709551615}"));
}

TEST_F(View, NamesThatNeedQuotingWork) {
  const std::string odd = "a.\"b\"[0] \\ it's é";
  write({record(odd, at_second(0), {field(odd, 1.5), field(odd + "t", odd)})});
  EXPECT_THAT(rows("SELECT metric_name, j.key, j.value FROM plugin_metrics p, json_each(p.value) j "
                   "ORDER BY j.key"),
              testing::ElementsAre(odd + "|" + odd + "|1.5", odd + "|" + odd + "t|" + odd));
}

TEST_F(View, TimesBefore1970AreReadable) {
  write({record("m", at(-1), {field("x", 1.5)})});
  EXPECT_THAT(rows("SELECT time FROM plugin_metrics"),
              testing::ElementsAre("1969-12-31T23:59:59.999999Z"));
}

TEST_F(View, UsesTheKeyOfTheFramesWhenAskedForAMetricAndATime) {
  const auto plan = rows(
      "EXPLAIN QUERY PLAN SELECT value FROM plugin_metrics "
      "WHERE metric_name = 'load' AND time_us >= 5");
  EXPECT_THAT(plan, testing::Contains(
                        testing::HasSubstr("SEARCH f USING PRIMARY KEY (source_id=? AND time>?)")));
}

}  // namespace
}  // namespace unity::test
