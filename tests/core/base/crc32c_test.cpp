#include "unity/core/base/crc32c.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace unity {
namespace {

TEST(Crc32c, GivesThePublishedValues) {
  // RFC 3720, B.4, and the usual check word.
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending += static_cast<char>(i);
  const std::string descending(ascending.rbegin(), ascending.rend());

  for (const auto crc : {&crc32c, &crc32c_portable}) {
    EXPECT_EQ(crc("123456789", 0), 0xE3069283U);
    EXPECT_EQ(crc(std::string(32, '\0'), 0), 0x8A9136AAU);
    EXPECT_EQ(crc(std::string(32, '\xff'), 0), 0x62A8AB43U);
    EXPECT_EQ(crc(ascending, 0), 0x46DD794EU);
    EXPECT_EQ(crc(descending, 0), 0x113FDB5CU);
    EXPECT_EQ(crc("", 0), 0U);
  }
}

TEST(Crc32c, PiecesGiveWhatTheWholeGivesInBothForms) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::string bytes(random() % 100, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    const auto cut = random() % (bytes.size() + 1);
    const std::string_view all = bytes;

    const auto whole = crc32c(all);

    EXPECT_EQ(crc32c(all.substr(cut), crc32c(all.substr(0, cut))), whole);
    EXPECT_EQ(crc32c_portable(all.substr(cut), crc32c_portable(all.substr(0, cut))), whole);
    EXPECT_EQ(crc32c_portable(all), whole);
  }
}

}  // namespace
}  // namespace unity
