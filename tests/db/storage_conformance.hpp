// What every storage adapter promises: writing, reading back, the catalog. Values and names, and
// the audit, are in parts of the suite that come along.
#pragma once

#include <limits>

#include "db/storage_conformance_audit.hpp"
#include "db/storage_conformance_values.hpp"
#include "db/storage_fixture.hpp"

namespace unity::test {

TEST_P(StorageConformance, AnEmptyBatchIsStored) { EXPECT_TRUE(write({}).empty()); }

TEST_P(StorageConformance, WritingTwiceIsWritingOnce) {
  const std::vector batch{record("load", at_second(1), {field("one", 0.5), field("host", "a")})};
  EXPECT_TRUE(write(batch).empty());
  EXPECT_TRUE(write(batch).empty());
  EXPECT_EQ(all("load").size(), 2u);
  EXPECT_EQ(only("load", "one"), FieldValue(0.5));
}

TEST_P(StorageConformance, TheSameRecordTwiceInABatchIsStoredOnce) {
  const auto twice = record("load", at_second(1), {field("one", 0.5)});
  EXPECT_TRUE(write({twice, twice}).empty());
  EXPECT_EQ(all("load").size(), 1u);
}

TEST_P(StorageConformance, ALaterRecordFillsWhatTheFrameLacks) {
  EXPECT_TRUE(write({record("load", at_second(1), {field("one", 1.5)})}).empty());
  EXPECT_TRUE(
      write({record("load", at_second(1), {field("one", 1.5), field("five", 2.5)})}).empty());
  EXPECT_TRUE(write({record("uptime", at_second(1), {field("s", 9.5), field("os", "x")})}).empty());
  EXPECT_EQ(only("load", "one"), FieldValue(1.5));
  EXPECT_EQ(only("load", "five"), FieldValue(2.5));
  EXPECT_EQ(only("uptime", "s"), FieldValue(9.5));
  EXPECT_EQ(only("uptime", "os"), FieldValue("x"));
}

TEST_P(StorageConformance, AConflictRejectsOnlyItsRecord) {
  EXPECT_TRUE(write({record("load", at_second(1), {field("one", 1.5)})}).empty());
  const auto rejections =
      write({record("load", at_second(1), {field("five", 2.5), field("one", 9.5)}),
             record("load", at_second(1), {field("five", 3.5)}),
             record("load", at_second(2), {field("one", 9.5)})});
  EXPECT_THAT(indexes(rejections, "conflict"), testing::ElementsAre(0u));
  EXPECT_EQ(all("load").size(), 3u);
  EXPECT_EQ(range("load", at_second(1), at_second(2)).size(), 2u);
  EXPECT_EQ(only("load", "five"), FieldValue(3.5));
}

TEST_P(StorageConformance, ARejectedRecordLeavesNoSeriesBehind) {
  EXPECT_TRUE(write({record("load", at_second(1), {field("one", 1.5)})}).empty());
  EXPECT_EQ(write({record("load", at_second(1), {field("one", 2.5), field("new", 1.5)})}).size(),
            1u);
  EXPECT_EQ(latest("load").size(), 1u);
}

TEST_P(StorageConformance, OfTwoConflictingRecordsInABatchTheLaterIsRejected) {
  const auto rejections = write({record("load", at_second(1), {field("one", 1.5)}),
                                 record("load", at_second(1), {field("one", 2.5)})});
  EXPECT_THAT(indexes(rejections, "conflict"), testing::ElementsAre(1u));
  EXPECT_EQ(only("load", "one"), FieldValue(1.5));
}

TEST_P(StorageConformance, TextConflictsLikeNumbers) {
  EXPECT_TRUE(write({record("os", at_second(1), {field("name", "a"), field("n", 1.5)})}).empty());
  const auto rejections = write({record("os", at_second(1), {field("name", "b")}),
                                 record("os", at_second(1), {field("name", 1.5)}),
                                 record("os", at_second(1), {field("n", "text")}),
                                 record("os", at_second(1), {field("name", "a")})});
  EXPECT_THAT(indexes(rejections, "conflict"), testing::ElementsAre(0u, 1u, 2u));
}

TEST_P(StorageConformance, RejectionsComeInTheOrderOfTheBatch) {
  EXPECT_TRUE(write({record("a", at_second(1), {field("x", 1.5)}),
                     record("a", at_second(2), {field("x", 1.5)})})
                  .empty());
  const auto rejections = write({record("a", at_second(2), {field("x", 2.5)}),
                                 record("a", at_second(1), {field("x", 2.5)}),
                                 record("a", at_second(2), {field("x", 3.5)})});
  EXPECT_THAT(indexes(rejections, "conflict"), testing::ElementsAre(0u, 1u, 2u));
}

TEST_P(StorageConformance, DifferentTagsAreDifferentSources) {
  EXPECT_TRUE(write({record("disk", at_second(1), {field("used", 1.5)}, {{"mount", "/"}}),
                     record("disk", at_second(1), {field("used", 2.5)}, {{"mount", "/home"}}),
                     record("disk", at_second(1), {field("used", 3.5)})})
                  .empty());
  EXPECT_EQ(all("disk").size(), 3u);
}

TEST_P(StorageConformance, InstancesAndDevicesAreDifferentSources) {
  auto a = record("disk", at_second(1), {field("used", 1.5)});
  auto b = record("disk", at_second(1), {field("used", 2.5)});
  auto c = record("disk", at_second(1), {field("used", 3.5)});
  b.origin = origin("other");
  c.origin = std::make_shared<const Origin>(Origin{"host-b", "disk-plugin", "disk"});
  EXPECT_TRUE(write({a, b, c}).empty());
  const auto points = latest("disk");
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0].instance, "disk");
  EXPECT_EQ(points[1].instance, "other");
  EXPECT_EQ(points[2].device, "host-b");
}

TEST_P(StorageConformance, TheOrderOfTagsDoesNotMatter) {
  Tags backwards;
  backwards.set("z", "1");
  backwards.set("a", "2");
  EXPECT_TRUE(write({record("m", at_second(1), {field("x", 1.5)}, {{"a", "2"}, {"z", "1"}}),
                     record("m", at_second(1), {field("y", 2.5)}, backwards)})
                  .empty());
  const auto points = latest("m");
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].tags, points[1].tags);
  EXPECT_EQ(points[0].tags, backwards);
}

TEST_P(StorageConformance, AThousandRecordsAreOneBatch) {
  std::vector<Record> batch;
  for (int i = 0; i < 1000; ++i) {
    batch.push_back(record("m" + std::to_string(i % 10), at_second(i / 100),
                           {field("x", std::int64_t{i})}, {{"n", std::to_string(i % 100)}}));
  }
  EXPECT_TRUE(write(batch).empty());
  EXPECT_TRUE(write(batch).empty());
  EXPECT_EQ(all("m3").size(), 100u);
  EXPECT_EQ(latest().size(), 100u);
}

TEST_P(StorageConformance, LatestIsTheNewestPointOfEachField) {
  EXPECT_TRUE(
      write({record("b", at_second(1), {field("y", 1.5), field("x", 2.5), field("t", "old")}),
             record("b", at_second(3), {field("x", 4.5)}),
             record("b", at_second(2), {field("x", 3.5), field("t", "new")}),
             record("a", at_second(1), {field("z", 5.5)})})
          .empty());
  const auto points = latest();
  ASSERT_EQ(points.size(), 4u);
  EXPECT_EQ(points[0].metric, "a");
  EXPECT_EQ(points[1].field, "t");
  EXPECT_EQ(points[1].value, FieldValue("new"));
  EXPECT_EQ(points[1].time, at_second(2));
  EXPECT_EQ(points[2].field, "x");
  EXPECT_EQ(points[2].value, FieldValue(4.5));
  EXPECT_EQ(points[3].field, "y");
  EXPECT_EQ(points[3].time, at_second(1));
  EXPECT_EQ(latest("b").size(), 3u);
  EXPECT_TRUE(latest("nothing").empty());
}

TEST_P(StorageConformance, RangeIsInTheOrderOfTimeAcrossSources) {
  std::vector<Record> batch;
  for (int i = 9; i >= 0; --i) {
    batch.push_back(record("m", at_second(i), {field("x", std::int64_t{i})},
                           {{"parity", i % 2 == 0 ? "even" : "odd"}}));
  }
  EXPECT_TRUE(write(batch).empty());
  const auto values = [](const std::vector<Point>& points) {
    std::vector<double> found;
    for (const auto& point : points) found.push_back(as_double(point.value));
    return found;
  };
  EXPECT_THAT(values(range("m", at_second(2), at_second(6))), testing::ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(values(range("m", at_second(0), at_second(99), 3)), testing::ElementsAre(0, 1, 2));
  EXPECT_TRUE(range("m", at_second(0), at_second(99), 0).empty());
  EXPECT_TRUE(range("m", at_second(6), at_second(6)).empty());
  EXPECT_EQ(range("m", at_second(0), at_second(99), std::numeric_limits<std::size_t>::max()).size(),
            10u);
}

TEST_P(StorageConformance, PluginsAreRegisteredAndReportTheirStatus) {
  PluginInfo plugin{"disk-plugin",        "Disk",   "1.0",
                    "Says what is full.", "system", std::string(32, 'h')};
  const auto first = catalog().register_plugins(std::vector{plugin});
  ASSERT_TRUE(first) << first.error().message;
  plugin.version = "1.1";
  plugin.enabled = false;
  ASSERT_TRUE(
      catalog().register_plugins(std::vector{plugin, PluginInfo{"other", {}, {}, {}, {}, {}}}));
  PluginStatus status{"disk-plugin", at_second(5), std::nullopt, "no such mount", 3, 2, "degraded"};
  ASSERT_TRUE(catalog().update_status(std::vector{status}));
  status.last_success = at_second(6);
  ASSERT_TRUE(catalog().update_status(
      std::vector{status, PluginStatus{"other", {}, {}, {}, 0, 0, "healthy"}}));
}

TEST_P(StorageConformance, TheStatusOfAnUnknownPluginIsAnError) {
  const auto updated =
      catalog().update_status(std::vector{PluginStatus{"nobody", {}, {}, {}, 0, 0, "healthy"}});
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, Errc::invalid);
  EXPECT_THAT(updated.error().message, testing::HasSubstr("nobody"));
}

}  // namespace unity::test
