#include "unity/core/model/record.hpp"
#include "unity/core/json/record_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unity {
namespace {

TEST(Tags, AreSortedAndUniqueHoweverTheyAreSet) {
  const Tags tags{{"b", "2"}, {"a", "1"}, {"b", "3"}};

  EXPECT_EQ(tags, (Tags{{"a", "1"}, {"b", "3"}}));
  EXPECT_EQ(tags.size(), 2u);
  EXPECT_EQ(tags.to_json(), R"({"a":"1","b":"3"})");
  EXPECT_EQ(Tags().to_json(), "{}");
}

TEST(Tags, SortByBytesNotByCharacters) {
  EXPECT_EQ((Tags{{"é", ""}, {"z", ""}, {"Z", ""}}).to_json(), R"({"Z":"","z":"","é":""})");
}

TEST(Tags, ADefaultDoesNotReplaceAValue) {
  Tags tags{{"a", "1"}};
  tags.set_default("a", "2");
  tags.set_default("b", "3");
  EXPECT_EQ(tags, (Tags{{"a", "1"}, {"b", "3"}}));
}

TEST(Tags, AreFoundAndErasedByTheirKey) {
  Tags tags{{"a", "1"}, {"b", "2"}};
  ASSERT_NE(tags.find("b"), nullptr);
  EXPECT_EQ(*tags.find("b"), "2");
  EXPECT_EQ(tags.find("aa"), nullptr);

  tags.erase("a");
  tags.erase("never there");
  EXPECT_EQ(tags, (Tags{{"b", "2"}}));
}

TEST(Tags, ReadBackFromTheirCanonicalForm) {
  const Tags tags{{"q\"", "\\\n"}, {"ü", std::string("\0x", 2)}};
  EXPECT_EQ(Tags::from_json(tags.to_json()), tags);
}

TEST(Tags, LeaveOutWhatIsNoText) {
  EXPECT_EQ(Tags::from_json(R"({"a":"1","b":2,"c":null})"), (Tags{{"a", "1"}}));
  EXPECT_TRUE(Tags::from_json("[1]").empty());
  EXPECT_TRUE(Tags::from_json("oops").empty());
}

TEST(FieldValue, NumbersAreWhatCanBeCalculatedWith) {
  EXPECT_TRUE(is_number(true));
  EXPECT_TRUE(is_number(std::int64_t{-1}));
  EXPECT_TRUE(is_number(UINT64_MAX));
  EXPECT_TRUE(is_number(0.5));
  EXPECT_FALSE(is_number(FieldValue()));
  EXPECT_FALSE(is_number(FieldValue("1")));
}

TEST(FieldValue, AsDoubleCountsTrueAsOneAndTextAsNothing) {
  EXPECT_EQ(as_double(true), 1.0);
  EXPECT_EQ(as_double(std::int64_t{-5}), -5.0);
  EXPECT_EQ(as_double(UINT64_MAX), 18446744073709551616.0);
  EXPECT_EQ(as_double(2.5), 2.5);
  EXPECT_EQ(as_double(FieldValue("5")), 0.0);
  EXPECT_EQ(as_double(FieldValue()), 0.0);
}

TEST(Kind, ReadsBackFromItsName) {
  for (const auto kind : {Kind::gauge, Kind::counter, Kind::rate, Kind::boolean, Kind::text}) {
    auto read = kind == Kind::gauge ? Kind::text : Kind::gauge;
    EXPECT_TRUE(parse_kind(to_text(kind), read));
    EXPECT_EQ(read, kind);
  }
  auto untouched = Kind::rate;
  EXPECT_FALSE(parse_kind("Gauge", untouched));
  EXPECT_FALSE(parse_kind("", untouched));
  EXPECT_EQ(untouched, Kind::rate);
}

}  // namespace
}  // namespace unity
