#include "unity/core/units/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unity {
namespace {

using testing::HasSubstr;

double convert(double value, std::string_view from, std::string_view to) {
  const auto left = parse_unit(from);
  const auto right = parse_unit(to);
  EXPECT_TRUE(left) << from;
  EXPECT_TRUE(right) << to;
  const auto way = conversion(*left, *right);
  EXPECT_TRUE(way) << from << " to " << to;
  return (*way)(value);
}

std::string canonical(std::string_view text) {
  const auto unit = parse_unit(text);
  return unit ? unit->text() : unit.error().message;
}

std::string mistake_of(std::string_view text) {
  const auto unit = parse_unit(text);
  return unit ? "a unit after all: " + unit->text() : unit.error().message;
}

TEST(Units, ConvertsWithoutLosingTheLastBits) {
  struct Case {
    double value;
    std::string_view from;
    std::string_view to;
    double expected;
  };
  const Case cases[] = {
      {5, "GB", "By", 5e9},
      {5, "GiB", "By", 5368709120},
      {3'000'000, "By", "MB", 3},
      {1, "kbit", "bit", 1000},
      {1, "Kibit", "bit", 1024},
      {8, "Mbit/s", "MB/s", 1},
      {100, "Mbps", "By/s", 12'500'000},
      {1, "MB", "MiB", 1e6 / 1048576},
      {1.5, "h", "s", 5400},
      {250, "ms", "s", 0.25},
      {1, "s", "ns", 1e9},
      {2, "w", "d", 14},
      {90, "min", "h", 1.5},
      {100, "Cel", "K", 373.15},
      {0, "K", "Cel", -273.15},
      {212, "[degF]", "Cel", 100},
      {100, "Cel", "degF", 212},
      {-40, "\u00b0F", "\u00b0C", -40},
      {80, "%", "1", 0.8},
      {0.25, "1", "%", 25},
      {1, "%", "ppm", 10'000},
      {3000, "rpm", "Hz", 50},
      {60, "{packet}/min", "{packet}/s", 1},
      {7, "{packet}/s", "Hz", 7},
      {1, "kW.h", "J", 3.6e6},
      {1, "kWh", "kJ", 3600},
      {12, "V.A", "W", 12},
      {1, "bar", "hPa", 1000},
      {36, "km/h", "m/s", 10},
      {1, "m/s2", "m/s/s", 1},
      {1, "/s", "Hz", 1},
      {1, "s-1", "1/s", 1},
  };
  for (const auto& one : cases) {
    EXPECT_DOUBLE_EQ(convert(one.value, one.from, one.to), one.expected)
        << one.value << " " << one.from << " to " << one.to;
  }
  EXPECT_EQ(convert(212, "degF", "Cel"), 100);  // exactly
  EXPECT_EQ(convert(3'000'003, "By", "MB"), 3.000003);
}

TEST(Units, HaveOneTextHoweverTheyAreWritten) {
  for (const auto& [text, expected] :
       std::initializer_list<std::pair<const char*, const char*>>{{"bytes", "By"},
                                                                  {"B", "By"},
                                                                  {"MBy", "MB"},
                                                                  {"KiBy", "KiB"},
                                                                  {"Mbps", "Mbit/s"},
                                                                  {"degC", "Cel"},
                                                                  {"degF", "[degF]"},
                                                                  {"percent", "%"},
                                                                  {"\u00b5s", "us"},
                                                                  {"seconds", "s"},
                                                                  {"By/second", "By/s"},
                                                                  {"By*s/s", "By"},
                                                                  {"{packet}", "{packet}"},
                                                                  {"{packet}/s", "{packet}/s"},
                                                                  {"By{written}", "By"},
                                                                  {"s.s", "s2"},
                                                                  {"1/s/s", "1/s2"},
                                                                  {"1", "1"}}) {
    EXPECT_EQ(canonical(text), expected) << text;
    EXPECT_EQ(canonical(canonical(text)), expected) << text;
  }
}

TEST(Units, EveryNameOfTheTableIsReadBackAndConvertsToItself) {
  EXPECT_GT(unit_names().size(), 100u);
  for (const auto& [name, quantity] : unit_names()) {
    const auto unit = parse_unit(name);
    ASSERT_TRUE(unit) << name;
    EXPECT_EQ(unit->text(), name);
    EXPECT_FALSE(quantity.empty()) << name;
    EXPECT_TRUE(conversion(*unit, *unit)->changes_nothing()) << name;
  }
}

TEST(Units, WhatIsNoUnitIsNamedWithWhatMayHaveBeenMeant) {
  EXPECT_THAT(mistake_of("secnds"), HasSubstr("did you mean \"seconds\"?"));
  EXPECT_THAT(mistake_of("MB/sek"), HasSubstr("unknown unit \"sek\" in \"MB/sek\""));
  EXPECT_THAT(mistake_of("KB"), HasSubstr("kB for 1000 bytes or KiB for 1024"));
  EXPECT_THAT(mistake_of("Mb"), HasSubstr("Mbit for bits or MB for bytes"));
  EXPECT_THAT(mistake_of("C"), HasSubstr("degC"));
  EXPECT_THAT(mistake_of(""), HasSubstr("missing"));
  EXPECT_THAT(mistake_of("By//s"), HasSubstr("a name is missing"));
  EXPECT_THAT(mistake_of("By/"), HasSubstr("a name is missing"));
  EXPECT_THAT(mistake_of("{}"), HasSubstr("annotation"));
  EXPECT_THAT(mistake_of("{a}b}"), HasSubstr("annotation"));
  EXPECT_THAT(mistake_of("m9.m9"), HasSubstr("too many powers"));
  EXPECT_THAT(mistake_of("Cel/s"), HasSubstr("convert it to K first"));
  EXPECT_THAT(mistake_of(std::string(65, 's')), HasSubstr("at most 64"));
}

TEST(Units, DifferentQuantitiesDoNotConvert) {
  EXPECT_EQ(conversion(*parse_unit("By"), *parse_unit("s")).error().message,
            "cannot convert By (information) to s (time)");
  EXPECT_THAT(conversion(*parse_unit("m"), *parse_unit("s")).error().message,
              HasSubstr("minutes are min"));
}

TEST(Units, MultiplyAndDivide) {
  const auto rate = *parse_unit("MB/s");
  const auto minute = *parse_unit("min");

  EXPECT_EQ(multiply(rate, *parse_unit("s"))->text(), "MB");
  EXPECT_DOUBLE_EQ((*conversion(*multiply(rate, minute), *parse_unit("MB")))(1), 60);
  EXPECT_EQ(divide(rate, rate)->text(), "1");
  EXPECT_EQ(divide(*parse_unit("W"), *parse_unit("K"))->text(), "W/K");
  EXPECT_FALSE(multiply(*parse_unit("Cel"), minute));
}

TEST(Units, DifferencesOfTemperaturesHaveNoZero) {
  const auto way = conversion_of_difference(*parse_unit("[degF]"), *parse_unit("K"));
  EXPECT_DOUBLE_EQ((*way)(18), 10);
  EXPECT_EQ(difference_of(*parse_unit("degC")).text(), "K");
  EXPECT_EQ(difference_of(*parse_unit("By")).text(), "By");
}

}  // namespace
}  // namespace unity
