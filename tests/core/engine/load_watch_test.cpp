#include "unity/core/engine/load_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/support/schedule.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(LoadWatch, WarnsOfAWindowInWhichRunsFoundNoRoomAndTakesItBack) {
  LoadWatch watch(kStart);

  EXPECT_FALSE(watch.look(kStart + 5s, 40'000, 14'000));  // the window is not over
  EXPECT_TRUE(watch.look(kStart + 10s, 71'200, 28'800));
  EXPECT_THAT(watch.warning(),
              HasSubstr("71,200 of 100,000 due runs were started in the last 10 s"));
  EXPECT_THAT(watch.warning(), HasSubstr("collection.max_concurrent"));

  EXPECT_FALSE(watch.look(kStart + 20s, 71'300, 28'801));
  EXPECT_THAT(watch.warning(), HasSubstr("100 of 101 due runs"));
  EXPECT_TRUE(watch.look(kStart + 30s, 171'300, 28'801));
  EXPECT_EQ(watch.warning(), "");
}

}  // namespace
}  // namespace unity
