#include "base/words.hpp"

#include <gtest/gtest.h>

namespace unity::host {
namespace {

using namespace std::chrono_literals;

TEST(SpanText, ShowsTheTwoLargestUnits) {
  EXPECT_EQ(span_text(4min + 12s), "4m12s");
  EXPECT_EQ(span_text(76h + 59min), "3d4h");
  EXPECT_EQ(span_text(1h + 5s), "1h");
  EXPECT_EQ(span_text(60s), "1m");
  EXPECT_EQ(span_text(59'900ms), "59s");
  EXPECT_EQ(span_text(1500ms), "1.5s");
  EXPECT_EQ(span_text(250ms), "250ms");
  EXPECT_EQ(span_text(900us), "0s");
  EXPECT_EQ(span_text(-5s), "0s");
}

TEST(CountText, SeparatesThousands) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1'000), "1,000");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
}

TEST(BytesText, HasAboutThreeDigits) {
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(12'345), "12.3 kB");
  EXPECT_EQ(bytes_text(123'456'789), "123 MB");
  EXPECT_EQ(bytes_text(4'294'967'296), "4.3 GB");
  EXPECT_EQ(bytes_text(999'999), "1.0 MB");
}

}  // namespace
}  // namespace unity::host
