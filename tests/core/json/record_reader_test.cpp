#include "unity/core/json/record_reader.hpp"
#include "unity/core/json/record_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/support/reading.hpp"
#include "core/support/records.hpp"

namespace unity::json {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kGood = R"({"metric":"m","value":1})";

TEST(RecordReader, ReadsEveryMemberOfARecord) {
  const auto read =
      read_lines(R"({"metric":"net","time":"2026-01-31T12:00:00Z","tags":{"if":"eth0","a":"b"},)"
                 R"("values":{"i":-5,"u":18446744073709551615,"d":2.5,"b":true,"t":"up","n":null},)"
                 R"("value":7,"summary":"fine"})");

  ASSERT_THAT(read.unreadable, IsEmpty());
  ASSERT_EQ(read.records.size(), 1u);
  const auto& record = read.records[0];
  EXPECT_EQ(record.metric, "net");
  EXPECT_EQ(record.time_text, "2026-01-31T12:00:00Z");
  EXPECT_EQ(record.tags, (Tags{{"a", "b"}, {"if", "eth0"}}));
  EXPECT_THAT(record.fields,
              ElementsAre(gauge("i", std::int64_t{-5}), gauge("u", UINT64_MAX), gauge("d", 2.5),
                          gauge("b", true), gauge("t", "up"), gauge("n", FieldValue()),
                          gauge("numeric_value", std::int64_t{7})));
  EXPECT_EQ(record.summary, "fine");
  EXPECT_EQ(record.origin, nullptr);
}

TEST(RecordReader, OneBadLineCostsOneRecordAndIsKeptAsItWas) {
  const auto read = read_lines(kGood + "\n{\"metric\":\n" + kGood + "\n[1]\n42\n" + kGood);

  EXPECT_EQ(read.records.size(), 3u);
  ASSERT_EQ(read.unreadable.size(), 3u);
  EXPECT_EQ(read.unreadable[0].text, "{\"metric\":");
  EXPECT_EQ(read.unreadable[1].text, "[1]");
  EXPECT_EQ(read.unreadable[2].text, "42");
  EXPECT_THAT(read.unreadable[2].detail, HasSubstr("must be a JSON object"));
}

TEST(RecordReader, SaysWhatIsWrongWithARecord) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"value":1})", "\"metric\" is missing"},
      {R"({"metric":"","value":1})", "\"metric\" is missing or empty"},
      {R"({"metric":"m"})", "neither \"value\" nor \"values\""},
      {R"({"metric":"m","values":{}})", "neither \"value\" nor \"values\""},
      {R"({"metric":5,"value":1})", "\"metric\" is not text"},
      {R"({"metric":"m","value":1,"summary":5})", "\"summary\" is not text"},
      {R"({"metric":"m","value":1,"tags":{"a":1}})", "tag \"a\" is not text"},
      {R"({"metric":"m","value":1,"tags":"a"})", "\"tags\" is not an object"},
      {R"({"metric":"m","value":1,"tags":["a"]})", "\"tags\" is a list"},
      {R"({"metric":"m","values":5})", "\"values\" is not an object"},
      {R"({"metric":"m","values":{"a":{"b":1}}})", "\"a\" is an object"},
      {R"({"metric":"m","values":{"a":[1,{"b":[2]}]}})", "\"a\" is a list"},
      {R"({"metric":"m","value":{"a":1}})", "\"value\" is an object"},
      {R"({"metric":{"a":1},"value":1})", "\"metric\" is an object"},
      {R"({"metric":"m","value":1,"colour":"red"})", "unknown member \"colour\""},
      {R"({"metric":"m","value":1,"extra":{"value":2}})", "unknown member \"extra\""},
      {R"({"metric":"m","values":{"a":1,"b":2,"a":3}})", "field \"a\" appears twice"},
      {R"({"metric":"m","value":1,"value":2})", "\"numeric_value\" appears twice"},
      {R"({"metric":"m","value":1,"values":{"numeric_value":2}})", "appears twice"},
      {R"({"metric":"m","value":1,"time":1.5})", "\"time\" is neither"},
      {R"({"metric":"m","value":1,"time":null})", "\"time\" is neither"},
      {R"({"metric":"m","value":1,"time":""})", "\"time\" is neither"},
      {R"({"metric":"m","value":1,"time":9223372036854775808})", "\"time\" is neither"},
      {R"({"metric":"m","value":1e400})", "not a record at byte"},
      {R"({"metric":"m","value":9999e305})", "a number is too large"},
      {R"({"metric":"m","value":0e400})", "not a record at byte"},
      {R"({"metric":"m","value":1)" + std::string(309, '0') + "e-9}", "not a record at byte"},
      {R"({"metric":"m","value":NaN})", "not a record at byte"},
      {R"({"metric":"m","value":01})", "not a record at byte"},
      {R"({"metric":"m","value":1,})", "not a record at byte"},
      {R"({'metric':"m","value":1})", "not a record at byte"},
      {R"({"metric":"m","value":1)", "not a record at byte"},
      {"{\"metric\":\"\xff\xfe\",\"value\":1}", "not a record at byte"},
      {"{\"metric\":\"\xc0\x80\",\"value\":1}", "not a record at byte"},
      {R"({"metric":"\ud800","value":1})", "not a record at byte"},
      {R"({"metric":"\ude00","value":1})", "half of a surrogate pair"},
      {R"({"metric":"m","values":{"\udc00":1}})", "half of a surrogate pair"},
      {R"({"metric":"m","value":1,"tags":{"a":"b\udfff"}})", "half of a surrogate pair"},
      {"\"text\"", "must be a JSON object"},
      {"null", "must be a JSON object"},
      {std::string("\0", 1), "not a record at byte"},
  };
  for (const auto& [text, problem] : cases) {
    const auto read = read_lines(text);

    EXPECT_THAT(read.records, IsEmpty()) << text;
    ASSERT_EQ(read.unreadable.size(), 1u) << text;
    EXPECT_THAT(read.unreadable[0].detail, HasSubstr(problem)) << text;
    EXPECT_EQ(read.unreadable[0].text, text);
  }
}

TEST(RecordReader, SkipsBlankLinesAndTakesBothLineEndings) {
  const auto read = read_lines("\n \t\r\n" + kGood + "\r\n\r\n  " + kGood + "  \n");
  EXPECT_EQ(read.records.size(), 2u);
  EXPECT_THAT(read.unreadable, IsEmpty());
}

TEST(RecordReader, NoTextIsNoRecords) {
  const auto lines = read_lines("");
  EXPECT_EQ(lines.records.size() + lines.unreadable.size(), 0u);
  const auto array = read_array("[ ]");
  EXPECT_EQ(array.records.size() + array.unreadable.size(), 0u);
}

TEST(RecordReader, WhatFollowsARecordOnItsLineIsNotTheRecord) {
  const auto junk = read_lines("  " + kGood + " junk");
  EXPECT_EQ(junk.records.size(), 1u);
  ASSERT_EQ(junk.unreadable.size(), 1u);
  EXPECT_EQ(junk.unreadable[0].text, "junk");

  const auto hidden = read_lines(kGood + std::string("\0junk", 5) + "\n" + kGood);
  EXPECT_EQ(hidden.records.size(), 2u);
  ASSERT_EQ(hidden.unreadable.size(), 1u);
  EXPECT_EQ(hidden.unreadable[0].text, std::string("\0junk", 5));
}

TEST(RecordReader, OneBadElementCostsOneRecordOfAnArray) {
  const std::string bad = R"({"metric":"m","values":{"x":[1]}})";
  const auto read = read_array("[" + kGood + ", " + bad + " ," + kGood + "]");

  EXPECT_EQ(read.records.size(), 2u);
  ASSERT_EQ(read.unreadable.size(), 1u);
  EXPECT_EQ(read.unreadable[0].text, bad);
}

TEST(RecordReader, AnElementThatIsNoObjectCostsOneRecordOfAnArray) {
  for (const std::string bad :
       {"42", "\"text, [\"", "null", "-1.5e3", "true", "[]", R"([{"metric":"m","value":1},[2]])"}) {
    const auto read = read_array("[" + kGood + ",\n " + bad + " ," + kGood + "," + bad + "]");

    EXPECT_EQ(read.records.size(), 2u) << bad;
    ASSERT_EQ(read.unreadable.size(), 2u) << bad;
    EXPECT_EQ(read.unreadable[0].text, bad);
    EXPECT_THAT(read.unreadable[0].detail, HasSubstr("must be a JSON object"));
    EXPECT_EQ(read.unreadable[1].text, bad);
  }
}

TEST(RecordReader, ASyntaxErrorEndsAnArrayAndTheRestIsOneUnreadable) {
  const auto read = read_array("[" + kGood + "," + kGood + R"(,{"metric":oops},)" + kGood + "]");

  EXPECT_EQ(read.records.size(), 2u);
  ASSERT_EQ(read.unreadable.size(), 1u);
  EXPECT_EQ(read.unreadable[0].text, R"({"metric":oops},)" + kGood + "]");
  EXPECT_THAT(read.unreadable[0].detail, HasSubstr("at byte"));
}

TEST(RecordReader, ABrokenArrayIsNeverSilent) {
  for (const std::string text : {"", "[", "[,]", "]", "42", "[[", "{}"}) {
    const auto read = read_array(text);
    EXPECT_THAT(read.records, IsEmpty()) << text;
    EXPECT_EQ(read.unreadable.size(), 1u) << text;
  }
  for (const std::string& text :
       {"[" + kGood, "[" + kGood + ",]", "[" + kGood + "]x", "[" + kGood + std::string("]\0[", 3),
        "[" + kGood + " " + kGood}) {
    const auto read = read_array(text);
    EXPECT_EQ(read.records.size(), 1u) << text;
    EXPECT_EQ(read.unreadable.size(), 1u) << text;
  }
}

TEST(RecordReader, AListWithinAnObjectIsNotTheArray) {
  const auto read = read_array(R"({"metric":"m","value":[1]})");

  EXPECT_THAT(read.records, IsEmpty());
  ASSERT_EQ(read.unreadable.size(), 1u);
  EXPECT_THAT(read.unreadable[0].detail, HasSubstr("\"value\" is a list"));
}

TEST(RecordReader, HugeNestingCostsOneRecordAndNoStack) {
  const std::string open(1'000'000, '[');
  const std::string closed = open + std::string(1'000'000, ']');

  EXPECT_EQ(read_lines(open + "\n" + kGood).records.size(), 1u);
  EXPECT_EQ(read_array(open).unreadable.size(), 1u);
  const auto inside = read_lines(R"({"metric":"m","value":)" + closed + "}\n" + kGood);
  EXPECT_EQ(inside.records.size(), 1u);
  EXPECT_EQ(inside.unreadable.size(), 1u);
  const auto element = read_array("[" + kGood + "," + closed + "," + kGood + "]");
  EXPECT_EQ(element.records.size(), 2u);
  EXPECT_EQ(element.unreadable.size(), 1u);
}

TEST(RecordReader, ARecordMayHaveAMebibyteAndNoMore) {
  const auto record_of = [](std::size_t size) {
    const std::string head = R"({"metric":"m","value":1,"summary":")";
    return head + std::string(size - head.size() - 2, 'x') + "\"}";
  };

  EXPECT_EQ(read_lines(record_of(kRecordSizeMax)).records.size(), 1u);
  const auto read = read_lines(record_of(kRecordSizeMax + 1) + "\n" + kGood);
  EXPECT_EQ(read.records.size(), 1u);
  ASSERT_EQ(read.unreadable.size(), 1u);
  EXPECT_THAT(read.unreadable[0].detail, HasSubstr("1048577 bytes"));
}

TEST(RecordReader, ReadsNumbersExactly) {
  const auto value = [](const std::string& text) {
    const auto read = read_lines(R"({"metric":"m","values":{"x":)" + text + "}}");
    return read.records.empty() ? FieldValue("unreadable") : read.records[0].fields[0].value;
  };

  EXPECT_EQ(value("9223372036854775807"), FieldValue(INT64_MAX));
  EXPECT_EQ(value("-9223372036854775808"), FieldValue(INT64_MIN));
  EXPECT_EQ(value("9223372036854775808"), FieldValue(std::uint64_t{1} << 63));
  EXPECT_EQ(value("18446744073709551616"), FieldValue(18446744073709551616.0));
  EXPECT_EQ(value("0.30000000000000004"), FieldValue(0.30000000000000004));
  EXPECT_EQ(value("1.7976931348623157e308"), FieldValue(1.7976931348623157e308));
  EXPECT_EQ(value("5e-324"), FieldValue(5e-324));
  EXPECT_EQ(value("8.41e21"), FieldValue(8.41e21));
  EXPECT_EQ(value("1e-400"), FieldValue(0.0));
  for (const auto* zero : {"0.0", "0e300", "0.0000000000000000000000000000000000000000", "-0e38"}) {
    EXPECT_EQ(value(zero), FieldValue(0.0)) << zero;
  }
  ASSERT_TRUE(std::holds_alternative<double>(value("-0.0")));
  EXPECT_TRUE(std::signbit(std::get<double>(value("-0.0"))));
}

TEST(RecordReader, ReadsEscapes) {
  const auto read =
      read_lines(R"({"metric":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000z","value":1})");

  ASSERT_EQ(read.records.size(), 1u);
  EXPECT_EQ(read.records[0].metric, std::string("a\"\\/\b\f\n\r\té😀\0z", 17));
}

TEST(RecordReader, ARecordReadsBackAsItWasWritten) {
  auto record = make_record("net \"x\"\n",
                            {gauge("i", INT64_MIN), gauge("u", UINT64_MAX), gauge("d", 0.1 + 0.2),
                             gauge("b", false), gauge("t", "ü\x01"), gauge("n", FieldValue())},
                            {{"if", "eth\\0"}});
  record.summary = "all \t fine";
  record.time_text = "2026-01-31T12:00:00Z";

  const auto read = read_lines(to_json(record));

  ASSERT_EQ(read.records.size(), 1u) << to_json(record);
  EXPECT_EQ(read.records[0].metric, record.metric);
  EXPECT_EQ(read.records[0].fields, record.fields);
  EXPECT_EQ(read.records[0].tags, record.tags);
  EXPECT_EQ(read.records[0].summary, record.summary);
  EXPECT_EQ(read.records[0].time_text, record.time_text);
  EXPECT_EQ(to_json(read.records[0]), to_json(record));
}

TEST(RecordReader, WritesASettledTimeAsUtc) {
  auto record = make_record("m", {});
  record.time = Time(std::chrono::milliseconds(1500));
  EXPECT_EQ(to_json(record), R"({"metric":"m","time":"1970-01-01T00:00:01.500000Z","values":{}})");
}

TEST(RecordReader, StopsAFloodOfTinyRecords) {
  std::string lines;
  std::string array = "[";
  for (std::size_t i = 0; i < kRecordsMax + 10; ++i) {
    lines += kGood + "\n";
    array += (i > 0 ? "," : "") + kGood;
  }

  for (const auto& read : {read_lines(lines), read_array(array + "]")}) {
    EXPECT_EQ(read.records.size(), kRecordsMax);
    ASSERT_EQ(read.unreadable.size(), 1u);
    EXPECT_THAT(read.unreadable[0].detail, HasSubstr("too many records"));
  }
}

}  // namespace
}  // namespace unity::json
