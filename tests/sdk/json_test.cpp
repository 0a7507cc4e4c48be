#include "unity/testkit/json.hpp"

#include <gtest/gtest.h>

#include "unity/testkit/records.hpp"

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

TEST(Batch, IsReadAsLinesOrAsAnArray) {
  const std::string one = R"({"metric":"m","tags":{"t":"a"},"values":{"x":1}})";
  const std::string two = R"({"metric":"m","value":2})";

  for (const auto& batch :
       {Batch{0, UNITY_FORMAT_NDJSON, one + "\n\n" + two, "", 0},
        Batch{0, UNITY_FORMAT_JSON_ARRAY, "[" + one + "," + two + "]", "", 0}}) {
    Outcome outcome;
    outcome.batches = {batch};
    EXPECT_EQ(outcome.record("m", {{"t", "a"}}).number("x"), 1);
    EXPECT_EQ(outcome.record("m").number("numeric_value"), 2);
    EXPECT_THROW(outcome.record("m").number("y"), std::out_of_range);
    EXPECT_THROW(outcome.record("n"), std::out_of_range);
  }
}

}  // namespace
}  // namespace unity::testkit
