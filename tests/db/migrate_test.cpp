// Migrations as operations: how they render, and what their checksums depend on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "migrate/checksum.hpp"
#include "migrate/script.hpp"
#include "migrations/list.hpp"

namespace unity::db {
namespace {

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// To accept a change to a migration that no release contains, run this with UNITY_UPDATE_GOLDEN=1.
TEST(Golden, EveryMigrationRendersAsCommitted) {
  for (const auto dialect : kDialects) {
    for (const auto& migration : all_migrations()) {
      const auto path = fmt::format("{}/{}/{:04}_{}.sql", UNITY_GOLDEN_DIR, to_text(dialect),
                                    migration.seq, migration.name);
      const auto sql = render(all_migrations(), migration.seq, dialect);
      if (std::getenv("UNITY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << sql;
      EXPECT_EQ(read_text(path), sql)
          << path << " differs from what migration " << migration.seq
          << " renders. A released migration must not change: write a new one. If this one was "
             "never released, run UNITY_UPDATE_GOLDEN=1 migrate_test and commit the file.";
    }
  }
}

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

// A checksum is one over operations, so that a file can change nothing; where it is over a text, as
// of a view, that is normalised first. So is what a golden file says.
TEST(Golden, ResavingWithCrlfCommentsOrALicenceHeaderChangesNothing) {
  for (const auto dialect : kDialects) {
    for (const auto& migration : all_migrations()) {
      const auto sql = render(all_migrations(), migration.seq, dialect);
      const auto resaved = with_crlf("-- SPDX-License-Identifier: Apache-2.0\n/* formatted */\n" +
                                     sql + "-- the end\n");
      EXPECT_EQ(normalise_sql(resaved), normalise_sql(sql)) << migration.name;
    }
  }
}

constexpr Column kColumns[] = {str("name", 10), {"size", Type::i64}};
constexpr Column kLongerColumns[] = {str("name", 11), {"size", Type::i64}};

Sha256 table_checksum(std::span<const Column> columns, std::string_view key) {
  const Op ops[] = {CreateTable{.name = "t", .columns = columns, .primary_key = key}};
  return checksum(ops, Dialect::sqlite);
}

Sha256 view_checksum(std::string_view select) {
  const ViewBody bodies[] = {{Dialect::sqlite, select}};
  const Op ops[] = {CreateView{"v", bodies}};
  return checksum(ops, Dialect::sqlite);
}

TEST(Checksum, DependsOnEveryPartOfAnOperation) {
  EXPECT_EQ(table_checksum(kColumns, "name"), table_checksum(kColumns, "name"));
  EXPECT_NE(table_checksum(kColumns, "name"), table_checksum(kLongerColumns, "name"));
  EXPECT_NE(table_checksum(kColumns, "name"), table_checksum(kColumns, "name, size"));
}

TEST(Checksum, OfAViewIgnoresCommentsAndLayout) {
  EXPECT_EQ(view_checksum("SELECT 'a  b' AS x\nFROM t"),
            view_checksum("-- why\r\nSELECT  'a  b' /* what */ AS x FROM t\r\n"));
  EXPECT_NE(view_checksum("SELECT 'a  b'"), view_checksum("SELECT 'a b'"));
  EXPECT_NE(view_checksum("SELECT '--a'"), view_checksum("SELECT '--b'"));
}

TEST(NormaliseSql, KeepsQuotesAndSurvivesOpenEnds) {
  EXPECT_EQ(normalise_sql("a  'it''s  --x' b--c"), "a 'it''s  --x' b");
  EXPECT_EQ(normalise_sql("a /* open"), "a");
  EXPECT_EQ(normalise_sql("a 'open  end"), "a 'open  end");
}

}  // namespace
}  // namespace unity::db
