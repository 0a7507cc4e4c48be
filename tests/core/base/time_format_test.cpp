#include "unity/core/base/time_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unity {
namespace {

using testing::HasSubstr;

// What the text is in UTC; "none" if it does not fit the pattern.
std::string read(std::string pattern, std::string_view text, const std::string& zone = "") {
  const auto format = TimeFormat::parse(std::move(pattern));
  EXPECT_TRUE(format);
  std::optional<TimeZone> found;
  if (!zone.empty()) found = *TimeZone::find(zone);
  const auto time = format->read(text, found ? &*found : nullptr);
  return time ? to_rfc3339(*time) : "none";
}

TEST(TimeFormat, ReadsTheFormsOfOtherPrograms) {
  EXPECT_EQ(read("%d/%b/%Y:%H:%M:%S %z", "31/Jan/2026:14:00:00 +0200"), "2026-01-31T12:00:00Z");
  EXPECT_EQ(read("%a %b %e %T %Y", "Sat Jan  3 01:02:03 2026"), "2026-01-03T01:02:03Z");
  EXPECT_EQ(read("%A, %d %B %y, %I:%M %p", "Saturday, 31 January 26, 12:30 am"),
            "2026-01-31T00:30:00Z");
  EXPECT_EQ(read("%F %T.%f", "2026-01-31 12:00:00.25"), "2026-01-31T12:00:00.250000Z");
  EXPECT_EQ(read("%F %T,%f", "2026-01-31 12:00:00,1234567"), "2026-01-31T12:00:00.123456Z");
  EXPECT_EQ(read("%Y%j", "2024366"), "2024-12-31T00:00:00Z");
  EXPECT_EQ(read("%s.%f", "1000.5"), "1970-01-01T00:16:40.500000Z");
  EXPECT_EQ(read("%FT%T%z", "2026-01-31T12:00:00Z"), "2026-01-31T12:00:00Z");
}

TEST(TimeFormat, TakesNothingThatDoesNotFitOrDoesNotExist) {
  EXPECT_EQ(read("%F", "2026-02-29"), "none");
  EXPECT_EQ(read("%F", "2026-01-31 "), "none");
  EXPECT_EQ(read("%F", "2026-1"), "none");
  EXPECT_EQ(read("%T", "24:00:00"), "none");
  EXPECT_EQ(read("%I:%M %p", "13:00 pm"), "none");
  EXPECT_EQ(read("%Y%j", "2026366"), "none");
  EXPECT_EQ(read("%b", "Foo"), "none");
  EXPECT_EQ(read("%F %z", "2026-01-31 +25:00"), "none");
}

TEST(TimeFormat, ATimeWithoutAnOffsetIsOfTheZone) {
  EXPECT_EQ(read("%F %T", "2026-01-31 12:00:00", "Europe/Berlin"), "2026-01-31T11:00:00Z");
  EXPECT_EQ(read("%F %T", "2026-07-31 12:00:00", "Europe/Berlin"), "2026-07-31T10:00:00Z");
  EXPECT_EQ(read("%F %T %z", "2026-07-31 12:00:00 +0000", "Europe/Berlin"), "2026-07-31T12:00:00Z");
}

TEST(TimeFormat, WhenTheClockIsSetBackTheFirstHourIsMeantAndASkippedOneIsAfterTheChange) {
  EXPECT_EQ(read("%F %T", "2026-10-25 02:30:00", "Europe/Berlin"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(read("%F %T", "2026-03-29 02:30:00", "Europe/Berlin"), "2026-03-29T01:30:00Z");
}

TEST(TimeFormat, RefusesAPatternThatIsNone) {
  EXPECT_THAT(TimeFormat::parse("%Y-%Q").error().message, HasSubstr("\"%Q\" at byte 4"));
  EXPECT_THAT(TimeFormat::parse("%Y %").error().message, HasSubstr("\"%\" at byte 4"));
  EXPECT_FALSE(TimeFormat::parse("yesterday"));
}

TEST(TimeZone, ABadNameIsAnErrorWithTheNearestOne) {
  EXPECT_THAT(TimeZone::find("Europe/Berlni").error().message,
              HasSubstr("did you mean \"Europe/Berlin\"?"));
  EXPECT_THAT(TimeZone::find("../etc/passwd").error().message, HasSubstr("there is no time zone"));
}

}  // namespace
}  // namespace unity
