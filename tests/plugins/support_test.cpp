#include <gtest/gtest.h>

#include "plugins/scratch_tree.hpp"
#include "support/glob.hpp"
#include "support/kept_file.hpp"
#include "support/text.hpp"

namespace unity::plugins {
namespace {

using testing::ScratchTree;

std::string utf8(std::string_view text) {
  std::string scratch;
  return std::string(to_utf8(text, scratch));
}

TEST(Text, MalformedNamesTheFileTheLineAndItsText) {
  Lines lines({"/proc/x", "one\n\nxyz\n"});
  lines.next();
  lines.next();

  try {
    lines.malformed("things");
    FAIL();
  } catch (const ReadError& error) {
    EXPECT_STREQ(error.what(), "cannot read things from /proc/x: line 3 is 'xyz'");
  }
}

TEST(Text, MalformedCutsALongLine) {
  const std::string body(5000, 'x');
  Lines lines({"/proc/x", body});
  lines.next();

  try {
    lines.malformed("things");
    FAIL();
  } catch (const ReadError& error) {
    EXPECT_LT(std::string(error.what()).size(), 200u);
  }
}

TEST(Text, NumbersMustFitAndBeWholeWords) {
  std::uint64_t number = 0;
  EXPECT_TRUE(parse_number("18446744073709551615", number));
  EXPECT_EQ(number, UINT64_MAX);
  EXPECT_FALSE(parse_number("18446744073709551616", number));
  EXPECT_FALSE(parse_number("-1", number));
  EXPECT_FALSE(parse_number("1x", number));
  EXPECT_FALSE(parse_number("", number));
}

TEST(Text, OnlyWhatIsNotUtf8IsReplaced) {
  EXPECT_EQ(utf8("plain"), "plain");
  EXPECT_EQ(utf8("\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80"), "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(utf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(utf8("\xC3"), "\xEF\xBF\xBD");                                  // cut short
  EXPECT_EQ(utf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong
  EXPECT_EQ(utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
}

TEST(Glob, StarsAndQuestionMarksMatch) {
  EXPECT_TRUE(matches("loop*", "loop12"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(matches("eth?", "eth0"));
  EXPECT_FALSE(matches("eth?", "eth10"));
  EXPECT_FALSE(matches("loop", "loop1"));
  EXPECT_FALSE(matches("a*b", "a-c"));
}

TEST(KeptFile, ReadsAgainAndOfAnyLength) {
  ScratchTree tree(FIXTURES "/process");
  tree.write("file", std::string(100'000, 'x'));
  KeptFile file(tree.path() + "/file");

  EXPECT_EQ(file.read()->body.size(), 100'000u);
  tree.write("file", "short");
  EXPECT_EQ(file.read()->body, "short");
  tree.write("file", "");
  EXPECT_EQ(file.read()->body, "");
}

TEST(KeptFile, AppearsWhenItIsThere) {
  ScratchTree tree(FIXTURES "/process");
  KeptFile file(tree.path() + "/late");

  EXPECT_FALSE(file.read());
  EXPECT_THROW(file.require(), ReadError);
  tree.write("late", "now");
  EXPECT_EQ(file.read()->body, "now");
}

TEST(KeptFile, OtherTroubleIsAnError) {
  KeptFile folder(FIXTURES);
  EXPECT_THROW(folder.read(), ReadError);
}

}  // namespace
}  // namespace unity::plugins
