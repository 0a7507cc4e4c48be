#include "unity/core/base/text.hpp"

#include <gtest/gtest.h>

namespace unity {
namespace {

TEST(Text, KnowsUtf8) {
  for (const auto* good : {"", "a", "é", "温", "😀", "\xf4\x8f\xbf\xbf"}) EXPECT_TRUE(is_utf8(good));
  for (const auto* bad : {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\xff", "a\xe6\xb8"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Text, IsOneLineThatSteersNothing) {
  EXPECT_EQ(one_line("a\nb\x1b[31m\tc\x7f", 100), "a b [31m c ");
  EXPECT_EQ(one_line("température", 100), "température");
  EXPECT_EQ(one_line("abc", 2), "ab");
  EXPECT_EQ(one_line("\xc2\x9b[31m\xc2\xa0\xc2\xb0", 100), " [31m\xc2\xa0\xc2\xb0")
      << "the escape of one character, and two that only look like it";
  EXPECT_EQ(one_line("\xc3\n", 100), "? ") << "what is no UTF-8 no database takes";
}

}  // namespace
}  // namespace unity
