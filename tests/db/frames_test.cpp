// The parts that adapters share, where the conformance suite does not reach.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frames/frame.hpp"
#include "frames/source.hpp"

namespace unity::db {
namespace {

std::string vals(const Frame& frame) {
  std::string text;
  append_vals(text, frame);
  return text;
}

TEST(Frame, HoldsNullWhereANumberIsAbsent) {
  Frame frame;
  frame.set_number(2, 2.5);
  frame.set_number(0, std::int64_t{-7});
  EXPECT_EQ(vals(frame), "[-7,null,2.5]");
  EXPECT_EQ(vals(Frame()), "[]");
}

TEST(Frame, ReadsWhatItWrote) {
  Frame frame;
  frame.set_number(1, std::uint64_t{18446744073709551615u});
  frame.set_number(2, 1e300);
  frame.texts = {{"b", "y", "1"}, {"a", "x\"", "\n"}, {"b", "x", "3"}};
  std::string doc;
  append_doc(doc, frame);
  EXPECT_EQ(doc, R"({"a":{"x\"":"\u000a"},"b":{"x":"3","y":"1"}})");
  const auto read = parse_frame(vals(frame), doc);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->numbers, frame.numbers);
  ASSERT_NE(read->text("a", "x\""), nullptr);
  EXPECT_EQ(*read->text("a", "x\""), "\n");
  EXPECT_EQ(read->text("a", "y"), nullptr);
}

TEST(Frame, DamagedOnesAreErrorsThatShowTheText) {
  for (const auto* text : {"", "[", "[1", "[1,,2]", "[x]", "[1 2]", "{}", "[nan"}) {
    const auto read = parse_frame(text, {});
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, testing::HasSubstr(text));
  }
  EXPECT_FALSE(parse_frame("[]", "[1]"));
  EXPECT_FALSE(parse_frame("[]", "{\"a\":1}"));
  EXPECT_FALSE(parse_frame("[]", "{"));
}

TEST(Source, GivesPositionsInTheOrderOfFirstNumbers) {
  Source source(1);
  const auto text = source.add("m", "text");
  const auto b = source.add("m", "b");
  const auto a = source.add("m", "a");
  source.need_position(b);
  source.need_position(a);
  source.need_position(b);
  EXPECT_EQ(source.series()[text].position, kNoPosition);
  EXPECT_EQ(source.series()[b].position, 0);
  EXPECT_EQ(source.series()[a].position, 1);
  EXPECT_EQ(source.find("m", "a"), a);
  EXPECT_EQ(source.find("m", "b", b), b);
  EXPECT_EQ(source.find("m", "c"), Source::kNone);
  EXPECT_EQ(source.find("n", "a"), Source::kNone);
}

}  // namespace
}  // namespace unity::db
