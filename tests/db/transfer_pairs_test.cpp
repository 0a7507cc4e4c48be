// From every database to every other, and in every format.
#include <gmock/gmock.h>

#include "db/transfer_content.hpp"
#include "db/transfer_sides.hpp"

namespace unity::test {
namespace {

struct Way {
  std::string from;
  std::string to;
  std::string format;
};

std::vector<Way> all_ways() {
  std::vector<Way> ways;
  for (const auto& from : kSides) {
    for (const auto& to : kSides) ways.push_back({from, to, "jsonl"});
  }
  ways.push_back({"postgresql", "mariadb", "csv"});
  ways.push_back({"mariadb", "sqlite", "json"});
  ways.push_back({"sqlite", "postgresql", "sqlite"});
  return ways;
}

void PrintTo(const Way& way, std::ostream* out) {
  *out << way.from << " to " << way.to << " by " << way.format;
}

// Nobody changes it: one of each type serves all tests.
const db::DatabaseConfig& filled_source(const std::string& type) {
  static const TempDir folder;
  static std::map<std::string, db::DatabaseConfig> made;
  const auto [found, is_new] = made.try_emplace(type);
  if (is_new) {
    found->second = make_side(type, folder);
    fill(found->second);
  }
  return found->second;
}

class TransferPairs : public testing::TestWithParam<Way> {
 protected:
  TempDir folder_;
  const db::DatabaseConfig& from_ = filled_source(GetParam().from);
  db::DatabaseConfig to_ = make_side(GetParam().to, folder_);
};

std::vector<Point> points(const db::DatabaseConfig& config, std::string_view metric) {
  auto reader = db::open_reader(config);
  EXPECT_TRUE(reader) << reader.error().message;
  auto found = (*reader)->range(metric, Time::min(), Time::max(), 1000);
  EXPECT_TRUE(found) << found.error().message;
  return *found;
}

// Databases differ in whether they tell 1 from 1.0.
void expect_same_value(const FieldValue& a, const FieldValue& b) {
  const auto first = db::to_number(a);
  const auto second = db::to_number(b);
  if (db::is_absent(first)) {
    EXPECT_EQ(a, b);
  } else {
    EXPECT_TRUE(db::same_number(first, second));
  }
}

// Not by our own measure, but by what queries answer.
void expect_same_points(const db::DatabaseConfig& from, const db::DatabaseConfig& to) {
  for (const auto* metric : {"plain", "exact", "doubles", "later", "old"}) {
    const auto before = points(from, metric);
    const auto after = points(to, metric);
    ASSERT_FALSE(before.empty()) << metric;
    ASSERT_EQ(before.size(), after.size()) << metric;
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_EQ(before[i].field, after[i].field);
      EXPECT_EQ(before[i].time, after[i].time);
      expect_same_value(before[i].value, after[i].value);
    }
  }
}

void expect_new_ids(const db::DatabaseConfig& config) {
  write_records(config, {record("new", at(kMicros), {field("x", 1)}, {{"tag", "never seen"}})});
  EXPECT_EQ(points(config, "new").size(), 1);
}

// One test, as making the databases takes longer than all the rest.
TEST_P(TransferPairs, KeepEveryRowAndNumberAndGoOnWithNewIds) {
  const auto first = db::export_database(from_, to_export(folder_ / "a", GetParam().format), {});
  ASSERT_TRUE(first) << first.error().message;
  const auto imported = db::import_database(to_, to_import(folder_ / "a"), {});
  ASSERT_TRUE(imported) << imported.error().message;
  const auto second = db::export_database(to_, to_export(folder_ / "b"), {});
  ASSERT_TRUE(second) << second.error().message;

  EXPECT_EQ(hashes(*first), hashes(*second));
  EXPECT_EQ(first->rows(), second->rows());
  for (const auto& table : imported->tables) {
    EXPECT_GE(table.rows, 5) << table.name;
    EXPECT_FALSE(table.differs) << table.name;
    EXPECT_EQ(table.rows_before, 0) << table.name;
  }
  EXPECT_TRUE(hashes(*second).contains("ds_things_5"));
  const auto drifts = db::find_schema_drift(to_);
  ASSERT_TRUE(drifts) << drifts.error().message;
  EXPECT_TRUE(drifts->empty()) << drifts->front().text;
  expect_same_points(from_, to_);
  expect_new_ids(to_);
}

INSTANTIATE_TEST_SUITE_P(All, TransferPairs, testing::ValuesIn(all_ways()),
                         [](const auto& param_info) {
                           const auto& way = param_info.param;
                           return way.from + "_" + way.to + "_" + way.format;
                         });

}  // namespace
}  // namespace unity::test
