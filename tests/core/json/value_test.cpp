#include "unity/core/json/value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

namespace unity::json {
namespace {

using testing::HasSubstr;

Value parsed(std::string_view text) {
  auto value = parse(text);
  EXPECT_TRUE(value) << text;
  return value ? std::move(*value) : Value("unreadable");
}

std::string problem(std::string_view text) {
  const auto value = parse(text);
  return value ? "" : value.error().message;
}

std::string number_text(double number) {
  std::string out;
  append_number(out, number);
  return out;
}

TEST(JsonValue, ReadsBackWhatItWrote) {
  const Value value(Object{{"z", 1},
                           {"a", Array{Value(), true, -2.5, "t\"\\\n\x01ü", Object{}, Array{}}},
                           {"", Object{{"nested", "x"}}},
                           {"big", UINT64_MAX},
                           {"small", INT64_MIN}});

  EXPECT_EQ(parsed(dump(value)), value);
  EXPECT_EQ(parsed(dump(value, Style::pretty)), value);
  EXPECT_EQ(dump(parsed(R"({"b":1,"a":[null,false,"x"]})")), R"({"b":1,"a":[null,false,"x"]})");
}

TEST(JsonValue, WritesForPeopleWithTwoSpaces) {
  EXPECT_EQ(dump(Object{{"a", 1}, {"b", Array{2, 3}}, {"c", Object{}}}, Style::pretty),
            "{\n  \"a\": 1,\n  \"b\": [\n    2,\n    3\n  ],\n  \"c\": {}\n}");
}

TEST(JsonValue, WritesEachNumberAsTheShortestTextThatReadsBackAsTheSame) {
  std::mt19937_64 random(1);
  const auto check = [](double number) {
    char buffer[32];
    const auto* end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    ASSERT_EQ(number_text(number),
              std::string_view(buffer, static_cast<std::size_t>(end - buffer)));
  };
  for (const double number :
       {0.0, -0.0, 1.0, 100000.0, 0.001, -0.001, 0.0005, 0.1 + 0.2, 1e15, 1e-3, 999999999999.999,
        -999999999999.999, 1234567890123.456, 1e300, 5e-324}) {
    check(number);
  }
  for (int i = 0; i < 200'000; ++i) {
    const auto bits = random();
    if (const auto any = std::bit_cast<double>(bits); std::isfinite(any)) check(any);
    const auto whole = static_cast<double>(static_cast<std::int64_t>(bits >> (i % 60)));
    const auto decimal = whole / std::pow(10, i % 7);
    check(decimal);
    check(-decimal);
    check(std::nextafter(decimal, 0.0));
    check(std::nextafter(decimal, 1e308));
  }
}

TEST(JsonValue, NamesThePlaceOfAMistake) {
  EXPECT_THAT(problem("{\n  \"a\": oops\n}"), HasSubstr("line 2, column 8"));
  EXPECT_THAT(problem("[1,]"), HasSubstr("line 1, column 4"));
}

TEST(JsonValue, TakesOneValueAndNothingElse) {
  using namespace std::string_view_literals;
  for (const auto bad :
       {""sv,        " "sv,        "1 2"sv,         "{} x"sv,        "1\0x"sv,
        "1\0"sv,     "\0"sv,       "nul"sv,         "01"sv,          "+1"sv,
        ".5"sv,      "1."sv,       "'a'"sv,         "[1,]"sv,        "{\"a\":1,}"sv,
        "\"\t\""sv,  "\"\xff\""sv, R"("\ud800")"sv, R"("\udc00")"sv, R"({"\udc00":1})"sv,
        R"("\x")"sv, "NaN"sv,      "1e999"sv,       "// c\n1"sv}) {
    EXPECT_NE(problem(bad), "") << bad;
  }
  EXPECT_EQ(parsed(" \r\n\t1 \n"), Value(1));
}

TEST(JsonValue, RefusesANameThatAppearsTwice) {
  EXPECT_THAT(problem(R"({"a":1,"b":{"a":2},"a":3})"), HasSubstr("the name \"a\" appears twice"));
  EXPECT_EQ(problem(R"({"a":1,"b":{"a":2}})"), "");
}

// Each compared with each would take longer than a test may.
TEST(JsonValue, FindsANameThatAppearsTwiceAmongMany) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  const auto whole = parse(text + "\"last\":{\"0\":1}}");

  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->object()->front().first, "0");  // they keep their order
  EXPECT_EQ((*whole->object())[99'999].first, "99999");
  for (const auto* name : {"0", "31", "32", "33", "99999"}) {
    EXPECT_THAT(problem(text + "\"" + name + "\":1}"),
                HasSubstr("the name \"" + std::string(name) + "\" appears twice"));
  }
}

TEST(JsonValue, BoundsTheNesting) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };

  EXPECT_EQ(problem(nested(256)), "");
  EXPECT_THAT(problem(nested(257)), HasSubstr("nested more than 256 deep"));
  EXPECT_THAT(problem(nested(1'000'000)), HasSubstr("nested more than 256 deep"));
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += R"({"a":)";
  EXPECT_THAT(problem(objects), HasSubstr("nested more than 256 deep"));
}

TEST(JsonValue, WholeNumbersKeepEveryBit) {
  EXPECT_EQ(parsed("9223372036854775807"), Value(INT64_MAX));
  EXPECT_EQ(parsed("-9223372036854775808"), Value(INT64_MIN));
  EXPECT_EQ(parsed("18446744073709551615"), Value(UINT64_MAX));
  EXPECT_EQ(dump(Value(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(dump(Value(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(parsed("9007199254740993").integer(), 9007199254740993);
  EXPECT_EQ(parsed("9223372036854775807").integer(), INT64_MAX);
}

TEST(JsonValue, AZeroIsAZeroHoweverManyDigitsItHas) {
  for (const auto* zero : {"0.0", "0e300", "0.0000000000000000000000000000000000000000", "-0e38"}) {
    EXPECT_EQ(parsed(zero), Value(0.0)) << zero;
  }
  EXPECT_EQ(parsed("1e-400"), Value(0.0));
  EXPECT_EQ(parsed("-5e-324"), Value(-5e-324));
}

TEST(JsonValue, TheSameNumberIsTheSameValueHoweverItWasMade) {
  EXPECT_EQ(Value(std::uint64_t{5}), Value(5));
  EXPECT_EQ(parsed("5000000000"), Value(std::int64_t{5'000'000'000}));
  EXPECT_EQ(Value(std::uint64_t{5'000'000'000}), Value(std::int64_t{5'000'000'000}));
}

TEST(JsonValue, GivesWholeNumbersOnlyWhereTheyFit) {
  EXPECT_EQ(Value(3.0).integer(), 3);
  EXPECT_EQ(Value(-1e15).integer(), -1'000'000'000'000'000);
  EXPECT_EQ(Value(3.7).integer(), 0);
  EXPECT_EQ(Value(9223372036854775808.0).integer(), 0);
  EXPECT_EQ(Value(-9223372036854775808.0).integer(), INT64_MIN);
  EXPECT_EQ(Value(UINT64_MAX).integer(), 0);
  EXPECT_EQ(Value(std::nan("")).integer(), 0);
  EXPECT_EQ(Value("3").integer(), 0);
}

TEST(JsonValue, WritesTheShortestTextOfADouble) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(number_text(3.0), "3");
  EXPECT_EQ(number_text(1e300), "1e+300");
  EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(number_text(std::nan("")), "null");
  for (const double number : {5e-324, 1.7976931348623157e308, -1.0 / 3, 8.41e21, 123456789.125}) {
    EXPECT_EQ(parsed(number_text(number)), Value(number));
  }
}

TEST(JsonValue, FindsAndReplacesMembersInTheirOrder) {
  Value value;
  value.set("b", 1);
  value.set("a", 2);
  value.set("b", 3);

  EXPECT_EQ(dump(value), R"({"b":3,"a":2})");
  ASSERT_NE(value.find("a"), nullptr);
  EXPECT_EQ(value.find("a")->integer(), 2);
  EXPECT_EQ(value.find("c"), nullptr);
  EXPECT_EQ(Value(5).find("a"), nullptr);
}

TEST(JsonValue, NamesItsType) {
  EXPECT_EQ(Value().type_name(), "null");
  EXPECT_EQ(Value(false).type_name(), "boolean");
  EXPECT_EQ(Value(3).type_name(), "integer");
  EXPECT_EQ(Value(3.0).type_name(), "integer");
  EXPECT_EQ(Value(3.5).type_name(), "number");
  EXPECT_EQ(Value("").type_name(), "string");
  EXPECT_EQ(Value(Array{}).type_name(), "array");
  EXPECT_EQ(Value(Object{}).type_name(), "object");
}

TEST(JsonValue, WritesValidUtf8WhateverItIsGiven) {
  std::string quoted;
  append_quoted(quoted, "a\xff z\xc3");
  EXPECT_EQ(parsed(quoted), Value("a\uFFFD z\uFFFD"));
  EXPECT_EQ(dump(Object{{"\xed\xa0\x80x", "\xe2\x82"}}).find('\xed'), std::string::npos);
  EXPECT_EQ(problem(dump(Object{{"\xed\xa0\x80x", "\xe2\x82"}})), "");
}

TEST(JsonValue, QuotesEveryControlCharacter) {
  for (int byte = 0; byte < 0x80; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    std::string quoted;
    append_quoted(quoted, text);
    EXPECT_EQ(parsed(quoted), Value(text)) << byte;
  }
}

}  // namespace
}  // namespace unity::json
