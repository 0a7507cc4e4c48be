#include "unity/core/base/glob.hpp"

#include <gtest/gtest.h>

namespace unity {
namespace {

TEST(Glob, AStarStandsForAnyTextAndAQuestionMarkForOneCharacter) {
  EXPECT_TRUE(matches_glob("eth*", "eth0"));
  EXPECT_TRUE(matches_glob("eth*", "eth"));
  EXPECT_TRUE(matches_glob("*.disk", "unity.disk"));
  EXPECT_TRUE(matches_glob("a?c", "abc"));
  EXPECT_TRUE(matches_glob("*a*b*", "xxaxxbxx"));
  EXPECT_TRUE(matches_glob("**", ""));
  EXPECT_FALSE(matches_glob("eth?", "eth"));
  EXPECT_FALSE(matches_glob("eth*", "veth0"));
  EXPECT_FALSE(matches_glob("*a*b", "xbxa"));
  EXPECT_FALSE(matches_glob("", "x"));
}

TEST(Glob, OfAListOneMustMatchAndAnEmptyListTakesEverything) {
  const Globs some({"cpu", "disk_*"});
  EXPECT_TRUE(some.take("cpu"));
  EXPECT_TRUE(some.take("disk_io"));
  EXPECT_FALSE(some.take("net"));
  EXPECT_TRUE(Globs().take("net"));
}

}  // namespace
}  // namespace unity
