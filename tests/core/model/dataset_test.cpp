#include "unity/core/model/dataset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unity/core/json/record_reader.hpp"
#include "unity/core/json/row_reader.hpp"
#include "unity/core/processors/row_maker.hpp"

namespace unity {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<DatasetProblem> problems_of(const std::string& text, bool may_have_source = false) {
  std::vector<DatasetProblem> problems;
  read_dataset(*json::parse(text), may_have_source, problems);
  return problems;
}

DatasetSpec spec_of(const std::string& text, bool may_have_source = false) {
  std::vector<DatasetProblem> problems;
  auto spec = read_dataset(*json::parse(text), may_have_source, problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.pointer << ": " << problem.message;
  return spec;
}

std::string named(const std::string& name) {
  return R"({"name": ")" + name + R"(", "columns": [{"name": "a", "type": "i64"}]})";
}

TEST(Dataset, IsReadWithTheWordsOfEitherVocabulary) {
  const auto spec = spec_of(R"({"name": "drives", "version": 3, "shape": "snapshot",
      "time": "sampled_at", "key": ["serial"], "retention": "30d",
      "contract": {"columns": "freeze"}, "columns": [
        {"name": "sampled_at", "type": "timestamp"},
        {"name": "serial", "type": "string", "max_len": 64},
        {"name": "hours", "type": "int64", "unit": "h", "metric": "counter"},
        {"name": "ratio", "type": "float64", "nullable": false}]})");

  EXPECT_EQ(spec.version, 3);
  EXPECT_EQ(spec.shape, DatasetShape::snapshot);
  EXPECT_EQ(spec.time, "sampled_at");
  EXPECT_EQ(spec.identity, std::vector<std::string>{"serial"});
  ASSERT_EQ(spec.columns.size(), 3u);  // the time is no column of its own
  EXPECT_EQ(to_text(spec.columns[0].form), "str64");
  EXPECT_FALSE(spec.columns[0].nullable);
  EXPECT_EQ(spec.columns[1].metric, Kind::counter);
  EXPECT_FALSE(spec.columns[2].nullable);
  EXPECT_EQ(spec.retention, std::chrono::hours(720));
  EXPECT_FALSE(spec.contract.columns_evolve);
}

TEST(Dataset, ReadsTheSameAgainFromWhatItWrites) {
  const auto spec = spec_of(R"({"name": "drives", "identity": ["serial"], "columns": {
      "serial": {"type": "str64"}, "hours": {"type": "i64", "metric": "gauge", "unit": "h"}}})");
  EXPECT_EQ(spec_of(to_json(spec)), spec);
}

// schema.md: 64-byte name, SQL keyword, `"; DROP TABLE` as names refused at load.
TEST(Dataset, HostileNamesAreRefusedAtLoad) {
  EXPECT_THAT(problems_of(named("good_name_2")), IsEmpty());
  for (const auto* name :
       {"\\\"; DROP TABLE devices; --", "Select", "a b", "1a", "_a", "a-b", "ä", "a\\u0000b"}) {
    const auto problems = problems_of(named(name));
    ASSERT_EQ(problems.size(), 1u) << name;
    EXPECT_THAT(problems.front().message, HasSubstr("is no name")) << name;
  }
  EXPECT_EQ(problems_of(named(std::string(64, 'x'))).size(), 1u);
  EXPECT_EQ(problems_of(named(std::string(48, 'x'))).size(), 0u);
  for (const auto* name : {"select", "table", "user", "order"}) {
    EXPECT_THAT(problems_of(named(name)).at(0).message, HasSubstr("word of SQL")) << name;
  }
  EXPECT_THAT(problems_of(named("metrics")).at(0).message, HasSubstr("host's own"));
}

TEST(Dataset, TellsAllMistakesAtOnceWithTheirPlaces) {
  const auto problems = problems_of(R"({"name": "things", "shape": "table", "version": 0,
      "identity": ["b", "c"], "retention": "soon", "colums": [], "columns": [
        {"name": "a", "type": "float"}, {"name": "a", "type": "i64"},
        {"name": "b", "type": "text"}, {"name": "device_id", "type": "i64"},
        {"name": "x__f64", "type": "f64"}, {"name": "t", "type": "text", "metric": "gauge"}]})");

  std::vector<std::string> pointers;
  for (const auto& problem : problems) pointers.push_back(problem.pointer);
  EXPECT_THAT(pointers,
              testing::IsSupersetOf({"/colums", "/version", "/shape", "/columns/0/type",
                                     "/columns/1", "/columns/3", "/columns/4", "/columns/5/metric",
                                     "/identity/0", "/identity/1", "/retention"}));
}

TEST(Dataset, KnowsWhichTypesAreWider) {
  const auto form = [](std::string_view text) { return *parse_column_form(text); };
  EXPECT_TRUE(is_wider(form("i16"), form("i64")));
  EXPECT_TRUE(is_wider(form("str4"), form("str8")));
  EXPECT_TRUE(is_wider(form("str4"), form("text")));
  EXPECT_FALSE(is_wider(form("i64"), form("f64")));
  EXPECT_FALSE(is_wider(form("i32"), form("i16")));
  EXPECT_FALSE(parse_column_form("str0") || parse_column_form("str4097") ||
               parse_column_form("str") || parse_column_form("uint64"));
}

class RowReading : public testing::Test {
 protected:
  std::vector<json::ReadRow> read(const std::string& text, bool names_device = false,
                                  Emission::Format format = Emission::Format::ndjson) {
    Emission emission;
    emission.format = format;
    emission.text = text;
    std::vector<json::ReadRow> rows;
    json::read_rows(emission, spec_, {Time(std::chrono::seconds(7)), names_device},
                    [&](json::ReadRow&& row) { rows.push_back(std::move(row)); });
    return rows;
  }
  std::string reason(const std::string& text) {
    const auto rows = read(text);
    return rows.size() == 1 ? rows.front().reason : "?";
  }

  DatasetSpec spec_ = spec_of(R"({"name": "things", "identity": ["k"], "columns": [
      {"name": "k", "type": "str4"}, {"name": "i", "type": "i16"}, {"name": "l", "type": "i64"},
      {"name": "f", "type": "f64"}, {"name": "b", "type": "bool"}, {"name": "j", "type": "json"},
      {"name": "t", "type": "time"}]})");
};

TEST_F(RowReading, TakesValuesByTheTypesOfTheirColumns) {
  const auto rows = read(R"({"k":"ab","i":-3,"l":"9007199254740993","f":2,"b":true,"j":{"x":[1]},)"
                         R"("t":"1970-01-01T00:00:01Z","time":2000000000})");

  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].reason, "") << rows[0].detail;
  const auto& fields = rows[0].record.fields;
  ASSERT_EQ(fields.size(), 7u);
  EXPECT_EQ(fields[1].value, FieldValue(std::int64_t{-3}));
  EXPECT_EQ(fields[2].value, FieldValue(std::int64_t{9007199254740993}));
  EXPECT_EQ(fields[3].value, FieldValue(2.0));
  EXPECT_EQ(fields[5].value, FieldValue(R"({"x":[1]})"));
  EXPECT_EQ(fields[6].value, FieldValue(std::int64_t{1'000'000}));
  EXPECT_EQ(fields[6].unit, "time");
  EXPECT_EQ(rows[0].record.time, Time(std::chrono::seconds(2)));
  EXPECT_TRUE(rows[0].record.is_row);
}

TEST_F(RowReading, OneBadRowCostsOneRow) {
  const auto rows = read("{\"k\":\"a\"}\n{\"k\":\n\n{\"k\":\"b\",\"i\":null}\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].reason, "");
  EXPECT_EQ(rows[1].reason, "unreadable");
  EXPECT_EQ(rows[2].reason, "");
  EXPECT_EQ(rows[0].record.time, Time(std::chrono::seconds(7)));
}

TEST_F(RowReading, SaysWhyARowIsNotTaken) {
  EXPECT_EQ(reason(R"({"i":1})"), "missing");
  EXPECT_EQ(reason(R"({"k":null})"), "missing");
  EXPECT_EQ(reason(R"({"k":"a","x":1})"), "undeclared");
  EXPECT_EQ(reason(R"({"k":"a","i":40000})"), "out of range");
  EXPECT_EQ(reason(R"({"k":"a","l":18446744073709551615})"), "out of range");
  EXPECT_EQ(reason(R"({"k":"abcde"})"), "out of range");
  EXPECT_EQ(reason(R"({"k":"a","i":1.5})"), "wrong type");
  EXPECT_EQ(reason(R"({"k":"a","f":"1"})"), "wrong type");
  EXPECT_EQ(reason(R"({"k":"a","b":1})"), "wrong type");
  EXPECT_EQ(reason(R"({"k":"a","time":"noon"})"), "bad time");
  EXPECT_EQ(reason(R"({"k":"a","device":"nas"})"), "undeclared");
  EXPECT_EQ(reason(R"([1])"), "unreadable");
  EXPECT_EQ(read(R"({"k":"a","device":"nas"})", true).at(0).device, "nas");
}

TEST_F(RowReading, ATimeThatDoesNotFitIsNone) {
  EXPECT_EQ(reason(R"({"k":"a","time":1e300})"), "bad time");
  EXPECT_EQ(reason(R"({"k":"a","time":18446744073709551615})"), "bad time");
  EXPECT_EQ(reason(R"({"k":"a","t":18446744073709551615})"), "wrong type");
}

TEST_F(RowReading, TheFirstOfTooManyRowsIsRefusedAndEndsIt) {
  const std::size_t many = json::kRecordsMax + 3;
  std::string lines;
  std::string array = "[";
  for (std::size_t i = 0; i < many; ++i) {
    lines += "{\"k\":\"a\"}\n";
    array += "{\"k\":\"a\"},";
  }
  array.back() = ']';
  for (const auto& rows : {read(lines), read(array, false, Emission::Format::json_array)}) {
    ASSERT_EQ(rows.size(), json::kRecordsMax + 1);
    EXPECT_EQ(rows[json::kRecordsMax - 1].reason, "");
    EXPECT_EQ(rows.back().reason, "unreadable");
    EXPECT_EQ(rows.back().text, "{\"k\":\"a\"}");
  }
}

TEST(RowMaker, MakesARowForEachWindowFromARecord) {
  const auto spec = spec_of(R"({"name": "kpis", "identity": ["kpi"],
      "from": {"metric": "load", "where": "one > 1", "window": "1h"}, "columns": {
        "kpi": {"type": "str64", "value": "'load'"},
        "value": {"type": "f64", "value": "one * 2"},
        "whole": {"type": "i16", "value": "one * 100000"}}})",
                            true);
  std::vector<DatasetProblem> problems;
  auto maker = RowMaker::make(spec, problems);
  ASSERT_TRUE(maker) << problems.at(0).message;
  Record record;
  record.origin = std::make_shared<const Origin>(Origin{"nas", "p", "i"});
  record.metric = "load";
  record.time = Time(std::chrono::seconds(7201));
  record.fields.push_back({"one", FieldValue(1.5), Kind::gauge, {}});

  const auto row = maker->row_from(record);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->time, Time(std::chrono::seconds(7200)));
  ASSERT_EQ(row->fields.size(), 2u);  // what does not fit is left out
  EXPECT_EQ(row->fields[1].value, FieldValue(3.0));
  EXPECT_TRUE(row->is_row && row->host_made);

  record.fields[0].value = 0.5;
  EXPECT_FALSE(maker->row_from(record));
  record.metric = "other";
  EXPECT_FALSE(maker->row_from(record));
}

TEST(RowMaker, TellsWhatIsWrongWithAnExpression) {
  const auto spec = spec_of(R"({"name": "kpis", "from": {"metric": "load", "where": "one"},
      "columns": {"a": {"type": "f64", "value": "one +"}, "b": {"type": "json", "value": "one"}}})",
                            true);
  std::vector<DatasetProblem> problems;
  EXPECT_FALSE(RowMaker::make(spec, problems));
  std::vector<std::string> pointers;
  for (const auto& problem : problems) pointers.push_back(problem.pointer);
  EXPECT_THAT(pointers, testing::IsSupersetOf({"/columns/a/value", "/columns/b/type"}));
}

}  // namespace
}  // namespace unity
