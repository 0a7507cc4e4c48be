// One value has one form, however a database keeps it.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "transfer/canonical.hpp"
#include "transfer/csv.hpp"

namespace unity::test {
namespace {

using namespace db;
using transfer::Cell;
using transfer::Numbers;
using transfer::Row;

std::string canonical(std::string_view text) {
  const auto made = transfer::parse_json_cell(text, {"x", Type::json, 0, false, {}});
  return made ? std::get<std::string>(*made) : made.error().message;
}

TEST(Canonical, JsonIsTheSameHoweverItWasKept) {
  // As JSONB gives back what SQLite and MariaDB keep as it was written.
  EXPECT_EQ(canonical(R"({"b": 1.0, "a": 1e2, "c": 1E17})"),
            canonical(R"({"a": 100, "b": 1.0, "c": 100000000000000000})"));
  EXPECT_EQ(canonical("[-0.0, 1e300, 0.1]"),
            canonical("[0.0,1" + std::string(300, '0') + ",0.10]"));
  EXPECT_EQ(canonical(R"("\u00e9\/")"), "\"é/\"");
  EXPECT_EQ(canonical("18446744073709551615"), "18446744073709551615");
  EXPECT_FALSE(transfer::parse_json_cell("{", {"x", Type::json, 0, false, {}}));
}

TEST(Canonical, NumbersOfFramesAreTheSameAsTextAndAsDoubles) {
  const auto as_text = transfer::parse_stored_numbers(
      "[1e+05,21,-0,12345678901234567168,1e+17,9007199254740993,null,0.1]");
  ASSERT_TRUE(as_text);
  const Numbers as_doubles{100000.0,
                           21.0,
                           std::int64_t{0},
                           12345678901234567168.0,
                           1e17,
                           std::int64_t{9007199254740993},
                           std::monostate(),
                           0.1};
  ASSERT_EQ(as_text->size(), as_doubles.size());
  for (std::size_t i = 0; i < as_doubles.size(); ++i) {
    EXPECT_EQ((*as_text)[i], transfer::canonical_number(as_doubles[i])) << i;
  }
}

schema::Table table_of(Type type, bool nullable = true) {
  schema::Table table;
  table.name = "t";
  table.columns = {{"x", type, 1000, nullable, {}}, {"y", Type::i32, 0, false, {}}};
  return table;
}

std::vector<std::pair<Type, Cell>> hard_cells() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return {
      {Type::i64, std::numeric_limits<std::int64_t>::min()},
      {Type::i64, std::int64_t{1} << 53},
      {Type::f64, 5e-324},
      {Type::f64, std::numeric_limits<double>::max()},
      {Type::f64, std::numeric_limits<double>::infinity()},
      {Type::f64, -std::numeric_limits<double>::infinity()},
      {Type::time, std::int64_t{-1}},
      {Type::time, std::int64_t{253'402'300'799'999'999}},
      {Type::boolean, true},
      {Type::uuid, bytes.substr(200, 16)},
      {Type::bin, bytes},
      {Type::bin, std::string()},
      {Type::hash, bytes.substr(0, 32)},
      {Type::str, std::string()},
      {Type::text, std::string("a,b\"c\nd\r\\é\t")},
      {Type::text, std::string("null")},
      {Type::json, std::string(R"({"a":"x,\"y\""})")},
      {Type::json, std::string(R"("text")")},
      {Type::numbers, Numbers{}},
      {Type::numbers, Numbers{std::numeric_limits<std::uint64_t>::max(), std::monostate(), -0.5}},
      {Type::text, Cell()},
      {Type::i64, Cell()},
  };
}

TEST(Canonical, EveryCellComesBackAsItWas) {
  for (const auto& [type, cell] : hard_cells()) {
    const auto table = table_of(type);
    const Row row{cell, std::int64_t{7}};
    std::string json;
    std::string csv;
    transfer::append_json_row(json, table, row);
    transfer::append_csv_row(csv, table, row);

    Row read;
    const auto from_json = transfer::parse_json_row(json, table, read);
    EXPECT_TRUE(from_json) << json;
    EXPECT_EQ(read, row) << json;
    const auto from_csv = transfer::parse_csv_row(csv, table, read);
    EXPECT_TRUE(from_csv) << csv;
    EXPECT_EQ(read, row) << csv;
  }
}

// In every format, and from every database.
TEST(Canonical, TheNullOfJsonIsNullWhereThatMayBe) {
  for (const bool nullable : {true, false}) {
    const auto table = table_of(Type::json, nullable);
    const Cell wanted = nullable ? Cell() : Cell(std::string("null"));
    const auto stored = transfer::parse_json_cell("null", table.columns[0]);
    ASSERT_TRUE(stored);
    EXPECT_EQ(*stored, wanted);
    Row row;
    ASSERT_TRUE(transfer::parse_json_row(R"({"x":null,"y":1})", table, row));
    EXPECT_EQ(row[0], wanted);
    ASSERT_TRUE(transfer::parse_csv_row("null,1", table, row));
    EXPECT_EQ(row[0], wanted);
  }
}

TEST(Canonical, NotANumberIsAText) {
  std::string json;
  const auto table = table_of(Type::f64);
  transfer::append_json_row(json, table, {std::nan(""), std::int64_t{1}});
  EXPECT_EQ(json, R"({"x":"NaN","y":1})");
  Row read;
  ASSERT_TRUE(transfer::parse_json_row(json, table, read));
  EXPECT_TRUE(std::isnan(std::get<double>(read[0])));
}

TEST(Canonical, WhatIsTooLargeForOtherReadersIsAText) {
  std::string json;
  transfer::append_json_row(json, table_of(Type::i64),
                            {std::int64_t{9007199254740993}, std::int64_t{1}});
  EXPECT_EQ(json, R"({"x":"9007199254740993","y":1})");
}

TEST(Canonical, ABadRowSaysWhatIsWrong) {
  Row row;
  const auto table = table_of(Type::i64);
  for (const auto* line : {"", "[]", R"({"x":1})", R"({"y":1,"x":1})", R"({"x":"abc","y":1})"}) {
    const auto read = transfer::parse_json_row(line, table, row);
    ASSERT_FALSE(read) << line;
    EXPECT_FALSE(read.error().message.empty());
  }
  for (const auto* line : {"1", "1,2,3", "\"1,2", "\"1\"x,2", "a,2"}) {
    EXPECT_FALSE(transfer::parse_csv_row(line, table, row)) << line;
  }
}

}  // namespace
}  // namespace unity::test
