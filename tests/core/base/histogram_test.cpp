#include "unity/core/base/histogram.hpp"

#include <gtest/gtest.h>

namespace unity {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, IsZeroWithoutValues) { EXPECT_EQ(Histogram().percentile(0.99), 0s); }

TEST(Histogram, AnswersWithinAFifth) {
  for (const Duration value :
       std::initializer_list<Duration>{2us, 7us, 131us, 1ms, 999ms, 1s, 100s}) {
    Histogram histogram;
    for (int i = 0; i < 99; ++i) histogram.add(value);
    histogram.add(200s);

    EXPECT_GE(histogram.percentile(0.5), value);
    EXPECT_LE(histogram.percentile(0.99), value + value / 4 + 1us);
    EXPECT_EQ(histogram.percentile(1), 200s);
  }
}

TEST(Histogram, KeepsApartWhatIsFastAndWhatIsSlow) {
  Histogram histogram;
  for (int i = 0; i < 95; ++i) histogram.add(1ms);
  for (int i = 0; i < 5; ++i) histogram.add(1s);

  EXPECT_LT(histogram.percentile(0.95), 2ms);
  EXPECT_GT(histogram.percentile(0.96), 900ms);
  EXPECT_EQ(histogram.count(), 100u);
}

TEST(Histogram, ForgetsWhatIsLongAgo) {
  Histogram histogram;
  for (int i = 0; i < 10'000; ++i) histogram.add(1s);
  for (int i = 0; i < 100'000; ++i) histogram.add(1ms);

  EXPECT_LT(histogram.percentile(0.99), 2ms);
  EXPECT_EQ(histogram.max(), 1s);
  EXPECT_EQ(histogram.count(), 110'000u);
}

TEST(Histogram, TakesValuesOfAnySize) {
  Histogram histogram;
  for (const Duration value : std::initializer_list<Duration>{Duration(-1ns), Duration(0),
                                                              Duration(999ns), Duration(24h)}) {
    histogram.add(value);
  }
  EXPECT_EQ(histogram.percentile(1), 24h);
  EXPECT_LE(histogram.percentile(0.5), 1us);
}

}  // namespace
}  // namespace unity
