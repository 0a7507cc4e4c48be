// What every storage adapter promises about values and names: what can be stored comes back as it
// was, and what cannot is rejected alone.
#pragma once

#include <limits>

#include "db/storage_fixture.hpp"

namespace unity::test {

TEST_P(StorageConformance, EveryTypeOfValueRoundTrips) {
  constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_TRUE(
      write({record("m", at_second(1),
                    {field("yes", true, Kind::boolean), field("no", false, Kind::boolean),
                     field("int", smallest), field("uint", largest), field("odd", 0.1 + 0.2),
                     field("tiny", 5e-324), field("huge", 1.7976931348623157e308),
                     field("text", "a\n\"b\"\\ é"), field("empty", "")})})
          .empty());
  EXPECT_EQ(only("m", "yes"), FieldValue(true));
  EXPECT_EQ(only("m", "no"), FieldValue(false));
  EXPECT_EQ(only("m", "int"), FieldValue(smallest));
  EXPECT_EQ(only("m", "uint"), FieldValue(largest));
  EXPECT_EQ(only("m", "odd"), FieldValue(0.1 + 0.2));
  EXPECT_EQ(only("m", "tiny"), FieldValue(5e-324));
  EXPECT_EQ(only("m", "huge"), FieldValue(1.7976931348623157e308));
  EXPECT_EQ(only("m", "text"), FieldValue("a\n\"b\"\\ é"));
  EXPECT_EQ(only("m", "empty"), FieldValue(""));
}

TEST_P(StorageConformance, OneAndOnePointZeroAreTheSameNumber) {
  EXPECT_TRUE(write({record("m", at_second(1), {field("x", std::int64_t{1})})}).empty());
  EXPECT_TRUE(write({record("m", at_second(1), {field("x", 1.0)})}).empty());
  EXPECT_TRUE(write({record("m", at_second(1), {field("x", std::uint64_t{1})})}).empty());
  EXPECT_EQ(as_double(only("m", "x")), 1.0);
}

TEST_P(StorageConformance, NullsAndNumbersThatAreNoneAreAbsent) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(write({record("m", at_second(1),
                            {field("null", std::monostate()), field("nan", nan),
                             field("inf", infinity), field("x", 1.5)}),
                     record("empty", at_second(1), {field("nan", nan)})})
                  .empty());
  EXPECT_EQ(all("m").size(), 1u);
  EXPECT_TRUE(all("empty").empty());
  // What was absent may come later.
  EXPECT_TRUE(write({record("m", at_second(1), {field("nan", 2.5)})}).empty());
  EXPECT_EQ(only("m", "nan"), FieldValue(2.5));
}

TEST_P(StorageConformance, ASummaryIsATextField) {
  auto with_summary = record("backup", at_second(1), {});
  with_summary.summary = "3 of 3 volumes are safe";
  EXPECT_TRUE(write({with_summary}).empty());
  EXPECT_TRUE(write({with_summary}).empty());
  EXPECT_EQ(only("backup", kSummary), FieldValue("3 of 3 volumes are safe"));
  with_summary.summary = "none is";
  EXPECT_EQ(write({with_summary}).size(), 1u);
}

TEST_P(StorageConformance, NamesMayContainAnything) {
  const std::string metrics[] = {"a.b",  "with \"quotes\"", "it's", "größe/温度",
                                 "$[0]", "back\\slash"};
  std::vector<Record> batch;
  for (const auto& metric : metrics) {
    for (const auto& name : metrics) {
      batch.push_back(record(metric, at_second(1), {field(name, 1.5), field(name + "t", name)},
                             {{name, metric}}));
    }
  }
  EXPECT_TRUE(write(batch).empty());
  for (const auto& metric : metrics) {
    for (const auto& name : metrics) {
      EXPECT_EQ(only(metric, name), FieldValue(1.5));
      EXPECT_EQ(only(metric, name + "t"), FieldValue(name));
    }
  }
}

TEST_P(StorageConformance, NamesThatDifferInASpaceOrACapitalAreDifferent) {
  std::vector<Record> batch;
  for (const std::string name : {"m", "m ", "M", "m\u00e9", "me"}) {
    auto one = record(name, at_second(1), {field(name, 1.5)}, {{name, name}});
    one.origin = std::make_shared<const Origin>(Origin{name, name, name});
    batch.push_back(std::move(one));
    batch.push_back(record("same", at_second(1), {field(name, 2.5)}));
  }
  EXPECT_TRUE(write(batch).empty());
  EXPECT_TRUE(write(batch).empty());
  EXPECT_EQ(latest().size(), batch.size());
  EXPECT_EQ(latest("m ").size(), 1u);
  EXPECT_EQ(latest("same").size(), 5u);
}

TEST_P(StorageConformance, NamesThatNoTableCanHoldAreRejectedAlone) {
  auto nameless = record("m", at_second(1), {field("x", 1.5)});
  nameless.origin = std::make_shared<const Origin>(Origin{"", "p", "i"});
  const auto rejections = write(
      {record("", at_second(1), {field("x", 1.5)}), record("m", at_second(1), {field("", 1.5)}),
       record(std::string(201, 'm'), at_second(1), {field("x", 1.5)}),
       record("m", at_second(1), {field("x", "\xff")}),
       record("m", at_second(1), {field("x", 1.5), field("x", 1.5)}), nameless,
       record("m", at_second(1), {field("x", 1.5)}),
       record("m", at_second(1), {field(std::string("a\0b", 3), 1.5)}),
       record("m", at_second(1), {field("y", 1.5, Kind::gauge, std::string(33, 'u'))})});
  EXPECT_THAT(indexes(rejections, "invalid"), testing::ElementsAre(0u, 1u, 2u, 3u, 4u, 5u, 7u, 8u));
  EXPECT_EQ(latest().size(), 1u);
  // Characters count, not bytes.
  std::string long_name;
  for (int i = 0; i < 200; ++i) long_name += "é";
  EXPECT_TRUE(write({record(long_name, at_second(1), {field("x", 1.5)})}).empty());
}

TEST_P(StorageConformance, TextsWithANulAreRejectedAlone) {
  const std::string nul("a\0b", 3);
  const auto rejections = write({record("m", at_second(1), {field("t", nul)}),
                                 record("m", at_second(1), {field("t", "ab")}, {{"tag", nul}}),
                                 record("m", at_second(1), {field("t", "ab")})});
  EXPECT_THAT(indexes(rejections, "invalid"), testing::ElementsAre(0u, 1u));
  EXPECT_EQ(all("m").size(), 1u);
}

TEST_P(StorageConformance, TimesBefore1970AreTimes) {
  EXPECT_TRUE(write({record("m", at(-1), {field("x", 1.5)}),
                     record("m", at(-2'000'001), {field("x", 2.5)})})
                  .empty());
  const auto points = all("m");
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].time, at(-2'000'001));
  EXPECT_EQ(points[1].time, at(-1));
}

TEST_P(StorageConformance, UnitAndKindOfASeriesMayChange) {
  EXPECT_TRUE(write({record("m", at_second(1), {field("x", 1.5, Kind::gauge, "s")})}).empty());
  EXPECT_TRUE(write({record("m", at_second(2), {field("x", 2.5, Kind::rate, "By/s")})}).empty());
  const auto points = latest("m");
  ASSERT_EQ(points.size(), 1u);
  EXPECT_EQ(points[0].unit, "By/s");
  EXPECT_EQ(points[0].kind, Kind::rate);
  EXPECT_EQ(all("m").size(), 2u);
}

TEST_P(StorageConformance, AFieldMayTurnFromTextToNumber) {
  EXPECT_TRUE(write({record("m", at_second(1), {field("x", "unknown"), field("y", 1.5)})}).empty());
  EXPECT_TRUE(write({record("m", at_second(2), {field("x", 2.5), field("y", 1.5)})}).empty());
  const auto points = all("m");
  ASSERT_EQ(points.size(), 4u);
  EXPECT_EQ(points[0].value, FieldValue("unknown"));
  EXPECT_EQ(points[2].value, FieldValue(2.5));
}

}  // namespace unity::test
