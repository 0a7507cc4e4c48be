#include "unity/db/dead_letters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/temp_dir.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db {
namespace {

using testing::HasSubstr;

std::vector<json::Value> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<json::Value> lines;
  for (std::string line; std::getline(in, line);) {
    auto parsed = json::parse(line);
    EXPECT_TRUE(parsed) << line;
    if (parsed) lines.push_back(std::move(*parsed));
  }
  return lines;
}

TEST(DeadLetters, KeepEachRecordWithItsReasonOnALineOfItsOwn) {
  const test::TempDir temp;
  DeadLetters letters(temp / "letters");

  ASSERT_TRUE(letters.append({{{"bad time", "\"x\" is no time", "{\"metric\":\"m\xff\n\"}"}}}));
  ASSERT_TRUE(letters.append({{{"conflict", "another value", "{}"}}}));

  const auto lines = lines_of(temp / "letters");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(*lines[0].find("reason")->string(), "bad time");
  EXPECT_EQ(*lines[0].find("record")->string(), "{\"metric\":\"m\uFFFD\n\"}");
  EXPECT_EQ(*lines[1].find("detail")->string(), "another value");
}

TEST(DeadLetters, BeginANewFileAtTheirBoundAndKeepTheOneBefore) {
  const test::TempDir temp;
  DeadLetters letters(temp / "letters", 400);

  for (int i = 0; i < 4; ++i) ASSERT_TRUE(letters.append({{{"r", std::string(100, 'd'), "{}"}}}));

  EXPECT_LE(std::filesystem::file_size(temp / "letters"), 400u);
  EXPECT_EQ(lines_of(temp / "letters").size() + lines_of(temp / "letters.1").size(), 4u);
}

TEST(DeadLetters, KeepTheFirstOfAFloodAndSaySo) {
  const test::TempDir temp;
  DeadLetters letters(temp / "letters");
  const std::vector<RejectedRecord> flood(200, {"r", "d", std::string(1 << 20, 'x')});

  const auto kept = letters.append(flood);

  ASSERT_FALSE(kept);
  EXPECT_THAT(kept.error().message, HasSubstr("of 200 records"));
  EXPECT_LT(std::filesystem::file_size(temp / "letters"), std::uintmax_t{5} << 20);
  EXPECT_FALSE(lines_of(temp / "letters").empty());
}

TEST(DeadLetters, SayWhyTheyCannotBeKept) {
  const test::TempDir temp;
  DeadLetters letters(temp / "absent" / "letters");

  const auto kept = letters.append({{{"r", "d", "{}"}}});

  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, Errc::unavailable);
  EXPECT_THAT(kept.error().message, HasSubstr("No such file"));
}

}  // namespace
}  // namespace unity::db
