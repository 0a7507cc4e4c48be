#include "unity/core/base/time.hpp"

#include <gtest/gtest.h>

#include <random>

namespace unity {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr Time kNoon = sys_days(2026y / 1 / 31) + 12h;

TEST(Rfc3339, WritesUtcAndAFractionOnlyIfThereIsOne) {
  EXPECT_EQ(to_rfc3339(kNoon), "2026-01-31T12:00:00Z");
  EXPECT_EQ(to_rfc3339(kNoon + 250ms), "2026-01-31T12:00:00.250000Z");
  EXPECT_EQ(to_rfc3339(kNoon + 1us), "2026-01-31T12:00:00.000001Z");
}

TEST(Rfc3339, WritesTimesBefore1970) {
  EXPECT_EQ(to_rfc3339(Time(-1us)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(sys_days(1900y / 2 / 28) + 1s), "1900-02-28T00:00:01Z");
}

TEST(Rfc3339, ReadsUtcInEveryLegalSpelling) {
  for (const auto* text : {"2026-01-31T12:00:00Z", "2026-01-31t12:00:00z", "2026-01-31 12:00:00Z",
                           "2026-01-31T12:00:00.0Z", "2026-01-31T12:00:00-00:00"}) {
    EXPECT_EQ(parse_rfc3339(text), kNoon) << text;
  }
}

TEST(Rfc3339, TakesOffsetsAway) {
  EXPECT_EQ(parse_rfc3339("2026-01-31T14:00:00+02:00"), kNoon);
  EXPECT_EQ(parse_rfc3339("2026-01-31T06:30:00-05:30"), kNoon);
  EXPECT_EQ(parse_rfc3339("2026-02-01T11:59:00+23:59"), kNoon);
  EXPECT_EQ(parse_rfc3339("2026-01-01T00:30:00+01:00"), sys_days(2025y / 12 / 31) + 23h + 30min);
}

TEST(Rfc3339, CutsFractionsToMicroseconds) {
  EXPECT_EQ(parse_rfc3339("2026-01-31T12:00:00.5Z"), kNoon + 500ms);
  EXPECT_EQ(parse_rfc3339("2026-01-31T12:00:00.123456Z"), kNoon + 123456us);
  EXPECT_EQ(parse_rfc3339("2026-01-31T12:00:00.123456999Z"), kNoon + 123456us);
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.9999999Z"), Time(-1us));
}

TEST(Rfc3339, KnowsLeapYears) {
  EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00Z"), Time(sys_days(2024y / 2 / 29)));
  EXPECT_EQ(parse_rfc3339("2000-02-29T00:00:00Z"), Time(sys_days(2000y / 2 / 29)));
  EXPECT_EQ(parse_rfc3339("2026-02-29T00:00:00Z"), std::nullopt);
  EXPECT_EQ(parse_rfc3339("1900-02-29T00:00:00Z"), std::nullopt);
}

TEST(Rfc3339, ALeapSecondIsTheNextMinutesFirst) {
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), Time(sys_days(2017y / 1 / 1)));
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const auto* text : {"",
                           "2026",
                           "2026-01-31",
                           "2026-01-31T12:00:00",
                           "2026-01-31T12:00Z",
                           "2026-1-31T12:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-01-31T24:00:00Z",
                           "2026-01-31T12:60:00Z",
                           "2026-01-31T12:00:61Z",
                           "2026-01-31T12:00:00.Z",
                           "2026-01-31T12:00:00,5Z",
                           "2026-01-31T12:00:00+0200",
                           "2026-01-31T12:00:00+2",
                           "2026-01-31T12:00:00+24:00",
                           "2026-01-31T12:00:00+02:60",
                           "2026-01-31T12:00:00Zx",
                           " 2026-01-31T12:00:00Z",
                           "2026-01-31T12:00:00Z ",
                           "-026-01-31T12:00:00Z",
                           "2026-01-31T12:00:-1Z",
                           "2026/01/31T12:00:00Z",
                           "2026-01-31_12:00:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Rfc3339, EveryTimeReadsBackAsItWasWritten) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> micros(-62'135'596'800'000'000,   // year 1
                                                     253'402'300'799'999'999);  // end of 9999
  for (int i = 0; i < 10'000; ++i) {
    const Time time{microseconds(micros(random))};
    ASSERT_EQ(parse_rfc3339(to_rfc3339(time)), time) << to_rfc3339(time);
  }
}

TEST(DurationText, ReadsEveryUnit) {
  EXPECT_EQ(parse_duration("1y"), hours(365 * 24));
  EXPECT_EQ(parse_duration("4w"), hours(4 * 7 * 24));
  EXPECT_EQ(parse_duration("7d"), hours(7 * 24));
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("3us"), 3us);
  EXPECT_EQ(parse_duration("3ns"), 3ns);
}

TEST(DurationText, ABareNumberIsSeconds) {
  EXPECT_EQ(parse_duration("60"), 60s);
  EXPECT_EQ(parse_duration("0.5"), 500ms);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(DurationText, TakesFractionsOfAnyUnit) {
  EXPECT_EQ(parse_duration("1.5h"), 90min);
  EXPECT_EQ(parse_duration("0.1s"), 100ms);
}

TEST(DurationText, RefusesEverythingElse) {
  for (const auto* text : {"", "s", "-1s", "+1s", "1 s", " 1s", "1s ", "1x", "1S", "1M", "1min",
                           "inf", "nan", "infs", "0x10s", "1h30m", "300y", "1e300", "1e400"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(DurationText, WritesTheLargestUnitThatIsExact) {
  EXPECT_EQ(to_text(90s), "90s");
  EXPECT_EQ(to_text(1h), "1h");
  EXPECT_EQ(to_text(90min), "90m");
  EXPECT_EQ(to_text(hours(24 * 7)), "1w");
  EXPECT_EQ(to_text(1500ms), "1500ms");
  EXPECT_EQ(to_text(1ns), "1ns");
  EXPECT_EQ(to_text(0s), "0s");
}

TEST(DurationText, EveryDurationOfAConfigurationReadsBack) {
  std::mt19937_64 random(8);
  for (const Duration step : {Duration(1ns), Duration(1ms), Duration(1s), Duration(1min)}) {
    for (int i = 0; i < 1000; ++i) {
      const Duration duration = step * static_cast<std::int64_t>(random() % 1'000'000);
      ASSERT_EQ(parse_duration(to_text(duration)), duration) << to_text(duration);
    }
  }
}

}  // namespace
}  // namespace unity
