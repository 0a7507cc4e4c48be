#include "unity/core/base/size.hpp"

#include <gtest/gtest.h>

namespace unity {
namespace {

TEST(ParseSize, ReadsDecimalAndBinaryUnits) {
  EXPECT_EQ(parse_size("4GB"), 4'000'000'000U);
  EXPECT_EQ(parse_size("512 MiB"), 512U << 20);
  EXPECT_EQ(parse_size("1.5 GiB"), 1'610'612'736U);
  EXPECT_EQ(parse_size("2 TB"), 2'000'000'000'000U);
  EXPECT_EQ(parse_size("1TiB"), std::uint64_t{1} << 40);
  EXPECT_EQ(parse_size("64 kB"), 64'000U);
  EXPECT_EQ(parse_size("64KB"), 64'000U);
  EXPECT_EQ(parse_size("64KiB"), 65'536U);
}

TEST(ParseSize, TakesABareNumberAsBytes) {
  EXPECT_EQ(parse_size("4096"), 4096U);
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("7 B"), 7U);
}

TEST(ParseSize, RefusesWhatIsNoSize) {
  for (const auto* text : {"", "GB", "-1", "4 Gb", "4 gb", "4  GB", "4 ", " 4", "4 GB ", "4GBs",
                           "inf", "nan", "0x10", "99999999 TB"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(SizeText, IsTheShortestThatIsExact) {
  EXPECT_EQ(size_text(0), "0B");
  EXPECT_EQ(size_text(4'000'000'000), "4GB");
  EXPECT_EQ(size_text(std::uint64_t{4} << 30), "4GiB");
  EXPECT_EQ(size_text(1536), "1536B");
  EXPECT_EQ(size_text(3 << 10), "3KiB");
  EXPECT_EQ(size_text(1'000'001), "1000001B");
}

TEST(SizeText, IsReadBackAsTheSame) {
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1000ULL, 1024ULL, 123'456'789ULL, 5ULL << 40}) {
    EXPECT_EQ(parse_size(size_text(bytes)), bytes);
  }
}

}  // namespace
}  // namespace unity
