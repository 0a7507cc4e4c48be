// Content for databases that are moved: rows in every table, and what the host's own writers make.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "db/records.hpp"
#include "registry.hpp"
#include "transfer/dataset_tables.hpp"
#include "unity/db/schema.hpp"
#include "unity/db/transfer.hpp"

namespace unity::test {

constexpr std::int64_t kMicros = 1'772'000'000'000'000;  // in February 2026
constexpr std::int64_t kBeyondDoubles = (std::int64_t{1} << 53) + 1;

// What a check asks for.
inline std::optional<std::string> wanted_text(std::string_view column) {
  static const std::map<std::string_view, std::string> wanted{
      {"kind", "gauge"}, {"severity", "high"}, {"status", "open"}, {"state", "applied"}};
  const auto found = wanted.find(column);
  return found == wanted.end() ? std::nullopt : std::optional(found->second);
}

// Dataset `n`, with columns of every type.
inline db::Layout sample_layout(std::int64_t n) {
  db::Layout layout;
  layout.dataset = "things_" + std::to_string(n);
  layout.version = 1;
  layout.shape = n % 2 == 0 ? DatasetShape::event : DatasetShape::timeseries;
  layout.time = "seen";
  layout.identity = {"name", "since"};
  for (const auto* form : {"bool", "i16", "i32", "i64", "f64", "str40", "text", "json", "time"}) {
    layout.columns.push_back(
        {std::string("a_") + form, *parse_column_form(form), true, false, "", "", {}});
  }
  layout.columns.push_back({"name", *parse_column_form("str16"), false, true, "", "", {}});
  layout.columns.push_back({"since", *parse_column_form("time"), false, true, "", "", {}});
  return layout;
}

// A cell of row `n`. References to other tables find the row of the same number there.
inline db::transfer::Cell sample_cell(const db::schema::Table& table,
                                      const db::schema::Column& column, std::int64_t n) {
  using db::Type;
  using db::transfer::Cell;
  if (column.nullable && n % 3 == 0) return {};
  if (table.name == "datasets") {
    const auto layout = sample_layout(n);
    if (column.name == "spec") return db::to_json(layout);
    if (column.name == "name") return layout.dataset;
    if (column.name == "table_name") return layout.table();
  }
  const auto bytes = [n](std::size_t size) {
    std::string made(size, static_cast<char>(n));
    for (std::size_t i = 0; i < size / 2; ++i) made[i] = static_cast<char>(255 - i);
    return made;
  };
  switch (column.type) {
    case Type::id:
      return n;
    case Type::i16:
      return std::int64_t{1};
    case Type::i32:
      return n;
    case Type::i64:
      return column.name.ends_with("_id") ? n : kBeyondDoubles + n;
    case Type::time:
      return kMicros + n * 3'600'000'001;
    case Type::f64:
      return 0.1 / static_cast<double>(n);
    case Type::boolean:
      return n % 2 == 0;
    case Type::uuid:
      return bytes(16);
    case Type::hash:
      return bytes(32);
    case Type::bin:
      return bytes(300);
    case Type::json:
      if (table.name == "metric_frames") return R"({"metric_name":{"text":"some"}})";
      return R"({"a":[1,2.5,"x",null,true],"large":18446744073709551615,"z":{"é\n":1e+300}})";
    case Type::text:
      return "two lines,\n\"quoted\", naïve \\ 日本 " + std::to_string(n);
    case Type::str:
      return wanted_text(column.name)
          .value_or((column.name + "-" + std::to_string(n))
                        .substr(0, static_cast<std::size_t>(column.length)));
    case Type::numbers: {
      db::transfer::Numbers numbers(static_cast<std::size_t>(n) + 1);
      numbers[0] = -0.0;
      // A position that has no series has no exact form in PostgreSQL.
      if (n % 3 != 0) numbers.back() = kBeyondDoubles + n;
      return numbers;
    }
  }
  return {};
}

// Rows 1 to `rows` of every table.
inline void fill_every_table(const db::DatabaseConfig& config, std::int64_t rows) {
  auto session = db::open_transfer_session(config, db::transfer::Access::write);
  ASSERT_TRUE(session) << session.error().message;
  std::vector<db::Layout> datasets;
  for (std::int64_t n = 1; n <= rows; ++n) datasets.push_back(sample_layout(n));
  bool has_dataset_tables = false;
  for (const auto& table : db::transfer::transfer_tables(db::schema_head(), datasets)) {
    if (db::transfer::is_dataset(table) && !std::exchange(has_dataset_tables, true)) {
      const auto done = db::transfer::make_dataset_tables(config);
      ASSERT_TRUE(done) << done.error().message;
    }
    std::vector<db::transfer::Row> made;
    for (std::int64_t n = 1; n <= rows; ++n) {
      auto& row = made.emplace_back();
      for (const auto& column : table.table.columns) {
        row.push_back(sample_cell(table.table, column, n));
      }
    }
    const auto done = (*session)->insert(table, made);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE((*session)->continue_ids(table));
  }
}

// What the writers of the host make of records that are not easy to keep.
inline std::vector<Record> hard_records() {
  const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  return {
      record("plain", at(kMicros), {field("a", 21.5), field("b", 3.0), field("c", -7)}),
      record("exact", at(kMicros), {field("u", largest), field("i", kBeyondDoubles)}),
      record("exact", at(kMicros + 1), {field("i", -kBeyondDoubles), field("text", "and text")}),
      record("doubles", at(kMicros + 2),
             {field("small", 5e-324), field("large", 1e17), field("larger", 12345678901234567680.0),
              field("zero", -0.0), field("pi", 3.141592653589793), field("round", 100000.0)}),
      record("later", at(kMicros + 86'400'000'000), {field("b", 1.0)}, {{"mount", "/ü \"x\""}}),
      record("old", at(-1), {field("a", 1)}),
  };
}

inline void write_records(const db::DatabaseConfig& config, const std::vector<Record>& records) {
  auto database = db::open_database(config);
  ASSERT_TRUE(database) << database.error().message;
  const auto rejected = (*database)->storage().write(records);
  ASSERT_TRUE(rejected) << rejected.error().message;
  ASSERT_TRUE(rejected->empty()) << rejected->front().detail;
}

inline void upgrade(const db::DatabaseConfig& config) {
  const auto upgraded = db::upgrade_schema(config, "test");
  ASSERT_TRUE(upgraded) << upgraded.error().message;
}

inline void fill(const db::DatabaseConfig& config) {
  upgrade(config);
  fill_every_table(config, 5);
  write_records(config, hard_records());
}

using Hashes = std::map<std::string, std::string>;
inline Hashes hashes(const db::TransferSummary& summary) {
  Hashes found;
  for (const auto& table : summary.tables) found[table.name] = table.sha256;
  return found;
}

inline db::ExportOptions to_export(const std::filesystem::path& path,
                                   const std::string& format = "jsonl") {
  return {format, path, {}, std::nullopt, "test"};
}
inline db::ImportOptions to_import(const std::filesystem::path& path) {
  return {path, true, "test"};
}

}  // namespace unity::test
