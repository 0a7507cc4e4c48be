// The view plugin_metrics in MariaDB: the documents' rows, for people with any client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/mariadb_database.hpp"
#include "db/records.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using testing::ElementsAre;

class MariadbView : public testing::Test {
 protected:
  MariadbView() {
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
    return MariadbInspector(config_).rows(sql);
  }

  db::DatabaseConfig config_ = MariadbServer::shared().make_database();
  std::unique_ptr<db::Database> database_;
};

TEST_F(MariadbView, HasTheColumnsOfTheDocumentsFirst) {
  EXPECT_THAT(rows("SELECT column_name FROM information_schema.columns WHERE table_schema = "
                   "DATABASE() AND table_name = 'plugin_metrics' ORDER BY ordinal_position"),
              ElementsAre("time", "plugin_id", "metric_name", "value", "tags", "instance", "device",
                          "time_us"));
}

TEST_F(MariadbView, HasARowForEachMetricOfEachFrame) {
  const auto time = *parse_rfc3339("2026-01-31T12:00:00.25Z");
  write({record("load", time, {field("five", 2.0), field("one", 0.5)}, {{"b", "2"}, {"a", "1"}}),
         record("os", time, {field("name", "Debian")}, {{"a", "1"}, {"b", "2"}}),
         record("load", time + std::chrono::seconds(1), {field("one", 0.75)})});
  EXPECT_THAT(rows("SELECT * FROM plugin_metrics ORDER BY time, metric_name"),
              ElementsAre("2026-01-31T12:00:00.250000Z|disk-plugin|load|{\"five\": 2, \"one\": "
                          "0.5}|{\"a\":\"1\",\"b\":\"2\"}|disk|host-a|1769860800250000",
                          "2026-01-31T12:00:00.250000Z|disk-plugin|os|{\"name\": \"Debian\"}|"
                          "{\"a\":\"1\",\"b\":\"2\"}|disk|host-a|1769860800250000",
                          "2026-01-31T12:00:01.250000Z|disk-plugin|load|{\"one\": 0.75}|{}|disk|"
                          "host-a|1769860801250000"));
}

TEST_F(MariadbView, PassesEveryDigitOn) {
  write({record("m", at_second(0), {field("a", 0.1 + 0.2), field("b", 18446744073709551615u)})});
  EXPECT_THAT(rows("SELECT value FROM plugin_metrics"),
              ElementsAre("{\"a\": 0.30000000000000004, \"b\": 18446744073709551615}"));
}

TEST_F(MariadbView, NamesThatNeedQuotingWork) {
  const std::string odd = "a.\"b\"[0] \\ it's é\n$*";
  write({record(odd, at_second(0), {field(odd, 1.5), field(odd + "t", odd)})});
  EXPECT_THAT(rows("SELECT metric_name, "
                   "JSON_VALUE(value, CONCAT('$.', JSON_QUOTE(metric_name))), "
                   "JSON_VALUE(value, CONCAT('$.', JSON_QUOTE(CONCAT(metric_name, 't')))) "
                   "FROM plugin_metrics"),
              ElementsAre(odd + "|1.5|" + odd));
}

TEST_F(MariadbView, ShowsAThousandFieldsOfAMetric) {
  std::vector<Field> fields;
  for (int i = 0; i < 1000; ++i) {
    fields.push_back(field(std::string(100, 'f') + std::to_string(i), i * 0.5));
  }
  write({record("m", at_second(0), std::move(fields))});
  EXPECT_THAT(rows("SELECT JSON_LENGTH(value) FROM plugin_metrics"), ElementsAre("1000"));
}

TEST_F(MariadbView, TimesBefore1970AndFarAwayAreReadable) {
  write({record("m", at(-1), {field("x", 1.5)}),
         record("m", *parse_rfc3339("0001-01-01T00:00:00Z"), {field("x", 1.5)}),
         record("m", *parse_rfc3339("9999-12-31T23:59:59.999999Z"), {field("x", 1.5)})});
  EXPECT_THAT(rows("SELECT time FROM plugin_metrics ORDER BY time_us"),
              ElementsAre("0001-01-01T00:00:00.000000Z", "1969-12-31T23:59:59.999999Z",
                          "9999-12-31T23:59:59.999999Z"));
}

TEST_F(MariadbView, IsForWhoeverMayReadTheTables) {
  EXPECT_THAT(rows("SELECT DISTINCT security_type FROM information_schema.views "
                   "WHERE table_schema = DATABASE()"),
              ElementsAre("INVOKER"));
}

}  // namespace
}  // namespace unity::test
