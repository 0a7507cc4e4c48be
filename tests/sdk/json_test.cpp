#include "unity/testkit/json.hpp"

#include <gtest/gtest.h>

namespace unity::testkit {
namespace {

TEST(Json, ReadsWhatPluginsEmit) {
  const auto value = Json::parse(
      R"( {"a": [1, -2.5e3, true, null], "b": {"c": "\u00fc\ud83d\ude00\n\"x\""}, "d": 18446744073709551615} )");

  EXPECT_EQ(value.at("a").items().at(1).number(), -2500);
  EXPECT_TRUE(value.at("a").items().at(2).boolean());
  EXPECT_TRUE(value.at("a").items().at(3).is_null());
  EXPECT_EQ(value.at("b").at("c").string(), "\xC3\xBC\xF0\x9F\x98\x80\n\"x\"");
  EXPECT_EQ(value.at("d").unsigned_integer(), UINT64_MAX);
  EXPECT_EQ(value.at("b").raw(), R"({"c": "\u00fc\ud83d\ude00\n\"x\""})");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const auto* text : {"", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "tru", "1 2", "01",
                           "\"\\x\"", "\"a\nb\"", "\"\\ud800\"", "1.", "-", "{a:1}", "nan"}) {
    EXPECT_THROW(Json::parse(text), std::invalid_argument) << text;
  }
  EXPECT_THROW(Json::parse(std::string(1000, '[')), std::invalid_argument);
}

TEST(Json, AWrongTypeIsAnError) {
  const auto value = Json::parse(R"({"a":1.5})");

  EXPECT_THROW(value.at("a").integer(), std::invalid_argument);
  EXPECT_THROW(value.at("a").string(), std::invalid_argument);
  EXPECT_THROW(value.at("b"), std::invalid_argument);
}

}  // namespace
}  // namespace unity::testkit
