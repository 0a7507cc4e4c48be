#include "unity/core/base/result.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace unity {
namespace {

Result<int> half_of(int number) {
  if (number % 2 != 0) return Error{Errc::invalid, "it is odd"};
  return number / 2;
}

TEST(Result, HoldsAValue) {
  const auto result = half_of(8);

  ASSERT_TRUE(result);
  EXPECT_TRUE(result.has_value());
  EXPECT_EQ(*result, 4);
  EXPECT_EQ(result.value(), 4);
}

TEST(Result, HoldsAnError) {
  const auto result = half_of(7);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::invalid);
  EXPECT_EQ(result.error().message, "it is odd");
}

TEST(Result, GivesAwayWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));

  const std::unique_ptr<int> taken = *std::move(result);

  EXPECT_EQ(*taken, 5);
}

TEST(Result, PassesAnErrorOnAsAnotherType) {
  auto failed = half_of(7);

  const Result<std::string> passed_on = std::move(failed).error();

  EXPECT_EQ(passed_on.error().message, "it is odd");
}

TEST(Result, ReachesIntoItsValue) {
  const Result<std::string> text(std::string("fine"));
  EXPECT_EQ(text->size(), 4u);
}

TEST(Result, OfNothingIsGoodUnlessItHoldsAnError) {
  const Result<void> good;
  const Result<void> bad = Error{Errc::unavailable, "busy"};

  EXPECT_TRUE(good);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace unity
