// What the quick reading of records expects from the record before, and what it reads in words of
// eight bytes: each record must come out as if it were the only one.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <random>

#include "core/support/reading.hpp"
#include "unity/core/json/record_writer.hpp"

namespace unity::json {
namespace {

// A member that only the strict reader takes.
std::string read_strictly_as_text(const std::string& line) {
  const auto read = read_lines(R"({"summary":"\ud83d\ude00",)" + line.substr(1));
  if (read.records.size() != 1) return "unreadable";
  auto record = read.records[0];
  record.summary.clear();
  return to_json(record);
}

std::string read_as_text(const std::string& line) {
  const auto read = read_lines(line);
  return read.records.size() == 1 ? to_json(read.records[0]) : "unreadable";
}

TEST(RecordFiller, ARecordDoesNotDependOnTheOneBeforeIt) {
  const std::vector<std::string> lines{
      R"({"metric":"m","tags":{"b":"1","a":"2"},"values":{"x":1,"y":2}})",
      R"({"metric":"m","tags":{"b":"1","a":"2"},"values":{"x":1}})",
      R"({"metric":"m","tags":{"b":"1"},"values":{"x":1,"y":2,"z":3}})",
      R"({"metric":"m","tags":{"b":"1","a":"2","b":"3"},"values":{"y":1,"x":2}})",
      R"({"metric":"m","tags":{"a":"1","b":"2"},"values":{"x":1,"x":2}})",
      R"({"metric":"m","values":{"x":1,"y":2,"x":3}})",
      R"({"metric":"m","tags":{},"value":1})",
      R"({"metric":"m","value":1,"values":{"numeric_value":2}})",
      R"({"metric":"n","values":{"x":1,"numeric_value":2}})",
      R"({"value":1,"metric":"n","values":{"numeric_value":2}})",
      R"({"metric":"m","values":{"x":2},"value":1})",
      R"({"values":{"x":2,"y":3},"tags":{"a":"1"},"metric":"n"})",
      R"({"metric":"n","values":{"a\"b":1,"x\\":2,"":3}})",
      R"({"metric":"n","values":{"a"b":1,"x\":2,"":3}})",
      R"({"metric":"n","tags":{"a\"b":"1","":"2"},"value":3})",
      R"({"metric":"n","tags":{"a"b":"1","":"2"},"value":3})",
      R"({"metric":"q\"q","value":1})",
      R"({"metric":"q"q","value":1})",
      R"({"metric":"","value":1})",
      R"( { "metric" : "m" , "tags" : { "b" : "1" , "a" : "2" } , "values" : { "x" : 1 , "y" : 2 } } )"};
  std::vector<std::string> alone;
  for (const auto& line : lines) {
    auto text = line;
    text.erase(0, text.find('{'));
    alone.push_back(read_strictly_as_text(text));
  }

  for (std::size_t before = 0; before < lines.size(); ++before) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      read_as_text(lines[before]);
      ASSERT_EQ(read_as_text(lines[i]), alone[i]) << lines[before] << "\n" << lines[i];
    }
  }
}

TEST(RecordFiller, NumbersAreThoseThatTheLibraryReads) {
  std::mt19937_64 random(1);
  const auto digits = [&](std::size_t most) {
    std::string text;
    for (auto count = 1 + random() % most; count > 0; --count) {
      text += static_cast<char>('0' + random() % 10);
    }
    return text;
  };
  for (int round = 0; round < 20'000; ++round) {
    auto text = digits(21);
    text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
    if (random() % 2 == 0) text.insert(0, "-");
    if (random() % 3 != 0) text += "." + digits(21);
    if (random() % 4 == 0) text += (random() % 2 == 0 ? "e-" : "E") + digits(2);

    const auto read = read_lines(R"({"metric":"m","value":)" + text + "}");

    ASSERT_EQ(read.records.size(), 1u) << text;
    ASSERT_EQ(as_double(read.records[0].fields[0].value), std::strtod(text.c_str(), nullptr))
        << text;
  }
}

TEST(RecordFiller, WhatIsNoNumberIsRefused) {
  for (const std::string text : {"01", "-", "-01", "1.", ".5", "1.e3", "1e", "1e+", "+1", "0x1",
                                 "1_0", "00.5", "12345678a", "1234567:", "NaN"}) {
    EXPECT_EQ(read_as_text(R"({"metric":"m","value":)" + text + "}"), "unreadable") << text;
  }
}

TEST(RecordFiller, TextEndsAtItsQuoteWhereverThatIs) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'x');
    for (const std::string special :
         {"", "\\n", "\\u00e9", "\xc3\xa9", "\x7f", "\x01", "\xff", "\\q"}) {
      const auto line = fmt::format(R"({{"metric":"m","value":"{}{}{}"}})", text, special, text);
      ASSERT_EQ(read_as_text(line), read_strictly_as_text(line)) << line;
    }
  }
}

TEST(RecordFiller, WhatIsSpoiltIsReadAsTheStrictReaderReadsIt) {
  const std::vector<std::string> lines{
      R"({"metric":"cpu","time":"2026-01-31T12:00:00Z","tags":{"cpu":"0"},"values":{"user":1.25}})",
      R"({"metric":"disk","tags":{"b":"1","a":"2"},"values":{"used":123456789012,"ok":true}})",
      R"({"metric":"net","time":1769860800000000000,"values":{"t":"a \"b\" \u00e9","n":-3e4}})",
      "{\"metric\":\"\xc3\xa9\xe2\x82\xac\",\"values\":{\"x\":null,\"y\":\"\xf0\x9f\x98\x80\"}}"};
  constexpr std::string_view kBytes = "{}[]\",:\\u0d19.-+eE \t\r\x01\x7f\x80\xc3\xe2\xf0\xff";
  std::mt19937_64 random(7);
  for (int round = 0; round < 50'000; ++round) {
    auto line = lines[random() % lines.size()];
    for (auto count = 1 + random() % 3; count > 0; --count) {
      const auto place = 1 + random() % (line.size() - 1);
      const auto byte = std::string(1, kBytes[random() % kBytes.size()]);
      switch (random() % 3) {
        case 0:
          line.insert(place, byte);
          break;
        case 1:
          line.replace(place, 1, byte);
          break;
        default:
          if (line.size() > 2) line.erase(place, 1);
      }
    }
    ASSERT_EQ(read_as_text(line), read_strictly_as_text(line)) << line;
  }
}

TEST(RecordFiller, AnArrayMayBeSpreadOverLines) {
  const auto read = read_array(
      "[\n  {\"metric\": \"m\",\n   \"value\": 1},\n\t{\"metric\": \"n\", \"value\": 2}\r\n]\n");

  ASSERT_EQ(read.records.size(), 2u);
  EXPECT_EQ(read.records[1].metric, "n");
  EXPECT_THAT(read.unreadable, testing::IsEmpty());
}

}  // namespace
}  // namespace unity::json
