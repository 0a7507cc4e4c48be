#include "unity/core/base/suggest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace unity {
namespace {

const std::array<std::string, 4> kNames{"interval", "timeout", "id", "enabled"};

TEST(Suggest, FindsTheNameThatWasMeant) {
  EXPECT_EQ(nearest("intervall", kNames), "interval");
  EXPECT_EQ(nearest("Interval", kNames), "interval");
  EXPECT_EQ(nearest("timout", kNames), "timeout");
  EXPECT_EQ(nearest("enalbed", kNames), "enabled");
  EXPECT_EQ(nearest("ids", kNames), "id");
}

TEST(Suggest, TheFewestEditsWinAndTheFirstOfEquals) {
  const std::array<std::string, 3> names{"abcx", "abcd", "abcy"};
  EXPECT_EQ(nearest("abcd", names), "abcd");
  EXPECT_EQ(nearest("abcz", names), "abcx");
}

TEST(Suggest, SaysNothingRatherThanSomethingFarFetched) {
  EXPECT_EQ(nearest("colour", kNames), std::nullopt);
  EXPECT_EQ(nearest("", kNames), std::nullopt);
  EXPECT_EQ(nearest("interval", {}), std::nullopt);
}

TEST(Suggest, AWordWithNothingInCommonIsNoTypingMistake) {
  EXPECT_EQ(nearest("no", kNames), std::nullopt);
  EXPECT_EQ(nearest("x", kNames), std::nullopt);
}

}  // namespace
}  // namespace unity
