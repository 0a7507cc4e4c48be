#include "config/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_folder.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

InstanceConfig with_options(std::string_view options, const Environment& environment = {}) {
  auto config =
      config_of("collectors:\n  - id: a\n    plugin: p\n    config: " + std::string(options) + "\n",
                environment);
  return config.collectors.empty() ? InstanceConfig() : std::move(config.collectors[0]);
}

TEST(Options, GetTheTypesThatTheyLookLike) {
  EXPECT_EQ(json::dump(with_options("{a: 1, b: -2.5, c: true, d: no, e: null, f: '1', g: [x, ~], "
                                    "h: 18446744073709551615, i: 1e3, j: {}}")
                           .options.value),
            R"({"a":1,"b":-2.5,"c":true,"d":"no","e":null,"f":"1","g":["x",null],)"
            R"("h":18446744073709551615,"i":1000,"j":{}})");
}

TEST(Options, LeaveNumbersThatJsonDoesNotHaveAsText) {
  EXPECT_EQ(
      json::dump(with_options("{v: [0755, 0x1F, 1_000, .5, 5., inf, nan, +1, 1e999, -, 1.2.3]}")
                     .options.value),
      R"({"v":["0755","0x1F","1_000",".5","5.","inf","nan","+1","1e999","-","1.2.3"]})");
}

TEST(Options, ReadReferencesByWhetherTheyStandInQuotes) {
  EXPECT_EQ(json::dump(with_options("{port: $PORT, pin: '${PIN}', none: '${NONE}'}",
                                    {{"PIN", "42"}, {"NONE", ""}})
                           .options.value),
            R"({"port":"$PORT","pin":"42","none":""})");
  EXPECT_EQ(json::dump(with_options("\n      port: ${PORT}\n      on: ${ON}\n",
                                    {{"PORT", "8080"}, {"ON", "true"}})
                           .options.value),
            R"({"port":8080,"on":true})");
}

TEST(Options, KnowWhereEachOfThemStands) {
  const auto instance = with_options("\n      targets:\n        - host: a\n          'p/~': 1\n");

  EXPECT_EQ(instance.locate_option("").line, 5);
  EXPECT_EQ(instance.locate_option("/targets/0/host").line, 6);
  EXPECT_EQ(instance.locate_option("/targets/0/host").column, 17);
  EXPECT_EQ(instance.locate_option("/targets/0/p~1~0").line, 7);
  // What is missing is reported where it is missing from.
  EXPECT_EQ(instance.locate_option("/targets/0/port").line, 6);
  EXPECT_EQ(instance.locate_option("/interval").line, 5);
}

TEST(Options, ThatAreLeftOutAreNullAndStandWhereTheirCollectorStands) {
  const auto instance = with_options("");

  EXPECT_TRUE(instance.options.value.is_null());
  EXPECT_EQ(instance.locate_option("/a/b").line, 2);
}

TEST(Options, MustBeAMapping) {
  EXPECT_THAT(lines_of("collectors: [{id: a, plugin: p, config: [1]}]"),
              ElementsAre(HasSubstr("`config` must be a mapping")));
}

}  // namespace
}  // namespace unity::host
