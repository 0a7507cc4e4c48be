// The parts that adapters share, where the conformance suite does not reach.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "frames/frame.hpp"
#include "frames/points.hpp"
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

// Sources that take turns, two series each, one frame a second, with equal times among them.
class RangePointsTest : public testing::Test {
 protected:
  static constexpr int kSources = 7;
  static constexpr int kSeconds = 20;

  RangePointsTest() {
    for (int i = 0; i < kSources; ++i) {
      NamedSource source{{"d", "p", std::to_string(i)}, {}, Source(i)};
      for (const auto* field : {"b", "a"}) {
        source.source.need_position(source.source.add("m", field));
      }
      sources_.push_back(std::move(source));
    }
  }

  std::vector<std::string> earliest(std::size_t limit) {
    RangePoints points(limit);
    frames_read_ = 0;
    for (const auto& source : sources_) {
      points.begin_source(source);
      for (int second = 0; second < kSeconds; ++second) {
        Frame frame;
        frame.set_number(0, double(second));
        // Every third lacks one of its fields.
        if (second % 3 != 0) frame.set_number(1, second + 0.5);
        ++frames_read_;
        if (!points.add(Time(std::chrono::seconds(second)), frame)) break;
      }
    }
    std::vector<std::string> names;
    for (const auto& point : points.take()) {
      names.push_back(std::to_string(point.time.time_since_epoch().count()) + " " + point.instance +
                      " " + point.field);
    }
    return names;
  }

  std::vector<NamedSource> sources_;
  int frames_read_ = 0;
};

TEST_F(RangePointsTest, AnyLimitGivesTheBeginningOfAll) {
  const auto all = earliest(100000);
  ASSERT_EQ(all.size(), kSources * (2 * kSeconds - 7));
  EXPECT_THAT(std::vector(all.begin(), all.begin() + 3),
              testing::ElementsAre("0 0 b", "0 1 b", "0 2 b"));
  for (std::size_t limit = 0; limit <= all.size(); ++limit) {
    const auto part = earliest(limit);
    ASSERT_EQ(part, std::vector(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(limit)));
  }
}

TEST_F(RangePointsTest, SourcesAreNotReadBeyondWhatOthersFill) {
  earliest(5);
  EXPECT_LT(frames_read_, kSources * 4);
}

}  // namespace
}  // namespace unity::db
