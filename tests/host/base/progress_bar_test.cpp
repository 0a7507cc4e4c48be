#include "base/progress_bar.hpp"

#include <gmock/gmock.h>

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr Instant kStart{};

TEST(ProgressBar, TellsHowFarHowFastAndHowLongStill) {
  ProgressBar bar;

  const auto first = bar.line(kStart, "exporting", "devices", 0, 1000, 200);
  const auto later = bar.line(kStart + 10s, "exporting", "metric_frames", 250, 1000, 200);

  ASSERT_TRUE(first && later);
  EXPECT_THAT(*first, Not(HasSubstr("left")));
  EXPECT_EQ(*later,
            "exporting [#####...............]  25 %  250 rows, 25/s, 30s left  metric_frames");
}

TEST(ProgressBar, IsDrawnAgainOnlyAfterAWhile) {
  ProgressBar bar;
  (void)bar.line(kStart, "exporting", "a", 0, 10, 80);

  EXPECT_FALSE(bar.line(kStart + 1ms, "exporting", "a", 1, 10, 80));
  EXPECT_TRUE(bar.line(kStart + 2ms, "checking", "a", 1, 10, 80));
  EXPECT_TRUE(bar.line(kStart + 1s, "checking", "a", 2, 10, 80));
}

TEST(ProgressBar, FitsTheWidthAndSurvivesWhatWasCountedWrong) {
  ProgressBar bar;

  EXPECT_EQ(bar.line(kStart, "exporting", "a", 0, 0, 12)->size(), 12);
  // Rows have come since they were counted.
  EXPECT_THAT(*bar.line(kStart + 10s, "exporting", "a", 20, 10, 200), HasSubstr("100 %"));
}

}  // namespace
}  // namespace unity::host
