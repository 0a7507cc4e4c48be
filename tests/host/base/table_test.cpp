#include "base/table.hpp"

#include <gtest/gtest.h>

namespace unity::host {
namespace {

TEST(Table, AlignsColumnsAndLeavesNoTrailingSpace) {
  Table table({"ID", "STATE"});
  table.add({"a-long-one", "healthy"});
  table.add({"b", "x"});

  EXPECT_EQ(table.to_text(),
            "ID          STATE\n"
            "a-long-one  healthy\n"
            "b           x\n");
}

TEST(Table, CountsCharactersAndNotBytes) {
  Table table({"NAME", "N"});
  table.add({"größe", "1"});
  table.add({"seven77", "2"});

  EXPECT_EQ(table.to_text(),
            "NAME     N\n"
            "größe    1\n"
            "seven77  2\n");
}

TEST(Table, CutsLinesBetweenCharactersAndShowsIt) {
  Table table({"ää", "b"});

  EXPECT_EQ(table.to_text(2), "ä…\n");
  EXPECT_EQ(table.to_text(5), "ää  b\n");
}

TEST(Table, IsEmptyUntilARowIsAdded) {
  Table table({"A"});
  EXPECT_TRUE(table.empty());

  table.add({"1"});
  EXPECT_FALSE(table.empty());
}

TEST(ShortNumber, HasAtMostFourDigits) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(12.3456), "12.35");
  EXPECT_EQ(short_number(9999), "9999");
  EXPECT_EQ(short_number(12345), "12.35k");
  EXPECT_EQ(short_number(1'234'567), "1235k");
  EXPECT_EQ(short_number(-2.5e9), "-2500M");
}

}  // namespace
}  // namespace unity::host
