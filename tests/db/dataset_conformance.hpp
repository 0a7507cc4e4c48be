// What every database promises for datasets: tables from declarations, rows, evolution, mending.
#pragma once

#include <limits>
#include <thread>

#include "datasets/prune.hpp"
#include "db/dataset_rows.hpp"
#include "db/schema_conformance.hpp"
#include "registry.hpp"
#include "unity/db/datasets.hpp"
#include "unity/db/open.hpp"

namespace unity::test {

class DatasetConformance : public SchemaConformance {
 protected:
  void SetUp() override {
    upgrade();
    auto opened = db::open_database(config_);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }

  std::vector<DatasetState> declare(const std::vector<DatasetSpec>& specs) {
    auto states = database_->catalog().declare_datasets(specs);
    EXPECT_TRUE(states) << states.error().message;
    return states ? *states : std::vector<DatasetState>();
  }
  DatasetState declare(const DatasetSpec& spec) {
    const auto states = declare(std::vector{spec});
    return states.empty() ? DatasetState() : states.front();
  }
  std::vector<Rejection> write(const std::vector<Record>& batch) {
    auto written = database_->storage().write(batch);
    if (!written) ADD_FAILURE() << written.error().message;
    return written ? *written : std::vector<Rejection>();
  }
  std::string count(const std::string& what) { return value("SELECT count(*) FROM " + what); }
  // "add_column|applied", oldest first.
  std::vector<std::string> changes() {
    return fixture_->rows("SELECT change_kind, decision FROM dataset_changes ORDER BY id");
  }
  // A quoted name is another thing on each of them, but none of these needs quotes.
  std::vector<std::string> rows(const std::string& sql) { return fixture_->rows(sql); }

  std::unique_ptr<db::Database> database_;
};

inline const char* const kTrades = R"({"name": "trades", "identity": ["symbol"], "columns": [
    {"name": "symbol", "type": "str16", "nullable": false},
    {"name": "price", "type": "f64"},
    {"name": "volume", "type": "i32"},
    {"name": "open", "type": "bool"},
    {"name": "note", "type": "text"},
    {"name": "extra", "type": "json"},
    {"name": "settled", "type": "time"}]})";

TEST_P(DatasetConformance, ADeclaredDatasetHasATableAndAView) {
  const auto state = declare(dataset(kTrades));

  EXPECT_EQ(state.state, "applied") << state.problem;
  EXPECT_EQ(count("ds_trades"), "0");
  EXPECT_EQ(count("trades"), "0");
  EXPECT_THAT(changes(), testing::ElementsAre("create_table|applied"));
  EXPECT_EQ(value("SELECT name, table_name, version, plugin_id, state FROM datasets"),
            "trades|ds_trades|1|example.shop|applied");
}

TEST_P(DatasetConformance, RowsComeBackAsTheyWereWritten) {
  const auto spec = dataset(kTrades);
  declare(spec);
  EXPECT_TRUE(write({row_of(spec, 0,
                            {{"symbol", "ABC"},
                             {"price", 123456789.123},
                             {"volume", std::int64_t{-7}},
                             {"open", true},
                             {"note", "it's \"quoted\" \\ \n ü"},
                             {"extra", R"({"a":[1,2.5,"x"]})"},
                             {"settled", std::int64_t{1'760'000'000'123'456}}}),
                     row_of(spec, 1, {{"symbol", "ABC"}})})
                  .empty());

  EXPECT_EQ(value("SELECT symbol, price, volume FROM ds_trades WHERE price IS NOT NULL"),
            "ABC|123456789.123|-7");
  EXPECT_THAT(value("SELECT note FROM ds_trades WHERE price IS NOT NULL"),
              testing::Eq("it's \"quoted\" \\ \n ü"));
  EXPECT_EQ(count("ds_trades WHERE price IS NULL AND extra IS NULL AND settled IS NULL"), "1");
  EXPECT_EQ(value("SELECT device, symbol FROM trades WHERE price IS NOT NULL"), "nas|ABC");
}

TEST_P(DatasetConformance, TheSameKeyReplacesAndRedeliveryChangesNothing) {
  const auto spec = dataset(kTrades);
  declare(spec);
  const auto first = row_of(spec, 0, {{"symbol", "ABC"}, {"price", 1.5}});
  const auto better = row_of(spec, 0, {{"symbol", "ABC"}, {"price", 2.5}});
  write({first});
  write({first, better});
  write({better, row_of(spec, 0, {{"symbol", "XYZ"}, {"price", 3.5}})});

  EXPECT_THAT(rows("SELECT symbol, price FROM ds_trades ORDER BY symbol"),
              testing::ElementsAre("ABC|2.5", "XYZ|3.5"));
}

TEST_P(DatasetConformance, EventsThatAreAlikeAreTwo) {
  const auto spec = dataset(R"({"name": "logins", "shape": "event",
                                "columns": [{"name": "who", "type": "text"}]})");
  declare(spec);
  auto one = row_of(spec, 0, {{"who", "eve"}});
  auto other = one;
  other.sequence = one.sequence + 1;
  write({one, other});
  write({one, other});  // delivered again

  EXPECT_EQ(count("ds_logins"), "2");
}

TEST_P(DatasetConformance, ARowForNoDatasetOfItsPluginIsRejectedAndTheRestStored) {
  const auto spec = dataset(kTrades);
  declare(spec);
  auto unknown = row_of(spec, 1, {{"symbol", "ABC"}});
  unknown.metric = "nothing";
  const auto rejections = write({row_of(spec, 0, {{"symbol", "ABC"}}), unknown,
                                 row_of(spec, 2, {{"symbol", "ABC"}}, "example.thief"),
                                 row_of(spec, 3, {{"price", 1.5}})});

  ASSERT_EQ(rejections.size(), 3u);
  EXPECT_EQ(rejections[0].reason, "undeclared");
  EXPECT_EQ(rejections[1].reason, "undeclared");
  EXPECT_EQ(rejections[2].reason, "missing");
  EXPECT_EQ(count("ds_trades"), "1");
}

TEST_P(DatasetConformance, TheFirstPluginToDeclareANameOwnsIt) {
  declare(dataset(kTrades));
  const auto second = declare(dataset(kTrades, "example.thief"));

  EXPECT_EQ(second.state, "blocked");
  EXPECT_THAT(second.problem, testing::HasSubstr("belongs to example.shop"));
  EXPECT_EQ(value("SELECT state FROM datasets"), "applied");
}

TEST_P(DatasetConformance, NeverTakesATableThatIsNotItsOwn) {
  const auto state = declare(dataset(R"({"name": "devices",
                                         "columns": [{"name": "a", "type": "i64"}]})"));

  EXPECT_EQ(state.state, "blocked");
  EXPECT_THAT(state.problem, testing::HasSubstr("devices"));
  EXPECT_EQ(count("datasets"), "0");
}

// schema.md: new column in manifest v2 appears without restart, old rows NULL, dataset_changes row.
TEST_P(DatasetConformance, NewColumnInVersion2AppearsWithoutRestartAndOldRowsAreNull) {
  const auto v1 = dataset(R"({"name": "things", "version": 1,
                              "columns": [{"name": "a", "type": "i32"}]})");
  const auto v2 = dataset(R"({"name": "things", "version": 2, "columns": [
      {"name": "a", "type": "i32"}, {"name": "b", "type": "str8", "nullable": false}]})");
  declare(v1);
  write({row_of(v1, 0, {{"a", std::int64_t{1}}})});
  EXPECT_EQ(declare(v2).state, "applied");
  EXPECT_TRUE(write({row_of(v2, 1, {{"a", std::int64_t{2}}, {"b", "x"}})}).empty());

  EXPECT_THAT(rows("SELECT a, b FROM things ORDER BY a"), testing::ElementsAre("1|NULL", "2|x"));
  EXPECT_THAT(changes(), testing::ElementsAre("create_table|applied", "add_column|applied"));
  EXPECT_EQ(declare(v2).version, 2);
  EXPECT_EQ(changes().size(), 2u);  // and nothing is noted twice
}

// schema.md: type change int→string: nothing altered, blocked, old columns still filled, values in
// dead letters, other datasets unaffected.
TEST_P(DatasetConformance, TypeChangeFromIntToStringBlocksAndTheOldColumnsAreStillFilled) {
  const auto v1 = dataset(R"({"name": "things", "version": 1, "columns": [
      {"name": "a", "type": "i32"}, {"name": "b", "type": "i32"}]})");
  const auto v2 = dataset(R"({"name": "things", "version": 2, "columns": [
      {"name": "a", "type": "str8"}, {"name": "b", "type": "i32"}, {"name": "c", "type": "i32"}]})");
  const auto trades = dataset(kTrades);
  declare({v1, trades});
  const auto states = declare({v2, trades});

  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].state, "blocked");
  EXPECT_THAT(states[0].problem, testing::HasSubstr("column a is i32"));
  EXPECT_EQ(states[0].version, 1);
  EXPECT_EQ(states[1].state, "applied");
  EXPECT_THAT(changes(), testing::Contains("change_type|refused"));

  const auto rejections =
      write({row_of(v2, 0, {{"a", "text"}, {"b", std::int64_t{5}}, {"c", std::int64_t{6}}}),
             row_of(trades, 0, {{"symbol", "ABC"}})});
  ASSERT_EQ(rejections.size(), 1u);
  EXPECT_TRUE(rejections[0].but_stored);
  EXPECT_THAT(rejections[0].detail, testing::AllOf(testing::HasSubstr("a: a value of str8"),
                                                   testing::HasSubstr("c: there is no such")));
  EXPECT_THAT(rows("SELECT a, b FROM ds_things"), testing::ElementsAre("NULL|5"));
  EXPECT_EQ(count("ds_trades"), "1");
  EXPECT_EQ(drift(), "");
}

TEST_P(DatasetConformance, TwoHostsApplyVersion2AtOnceWithOneAlter) {
  const auto v1 = dataset(R"({"name": "things", "columns": [{"name": "a", "type": "i32"}]})");
  const auto v2 = dataset(R"({"name": "things", "version": 2, "columns": [
      {"name": "a", "type": "i32"}, {"name": "b", "type": "i64"}]})");
  declare(v1);
  auto other = db::open_database(config_);
  ASSERT_TRUE(other);
  std::vector<DatasetState> theirs;
  std::thread host([&] {
    auto states = (*other)->catalog().declare_datasets(std::vector{v2});
    if (states) theirs = *states;
  });
  const auto ours = declare(v2);
  host.join();

  EXPECT_EQ(ours.state, "applied");
  ASSERT_EQ(theirs.size(), 1u);
  EXPECT_EQ(theirs.front().state, "applied");
  EXPECT_THAT(changes(), testing::ElementsAre("create_table|applied", "add_column|applied"));
}

TEST_P(DatasetConformance, AColumnDroppedByHandIsAddedAgainAndReported) {
  const auto spec = dataset(kTrades);
  declare(spec);
  write({row_of(spec, 0, {{"symbol", "ABC"}, {"price", 1.5}})});
  rows("DROP VIEW trades");
  rows("ALTER TABLE ds_trades DROP COLUMN price");
  EXPECT_THAT(drift(), testing::HasSubstr("column price of ds_trades is missing"));

  // The writer meets it, and goes on.
  EXPECT_TRUE(write({row_of(spec, 1, {{"symbol", "ABC"}, {"price", 2.5}})}).empty());

  EXPECT_THAT(rows("SELECT price FROM trades ORDER BY price IS NULL"),
              testing::ElementsAre("2.5", "NULL"));
  EXPECT_THAT(changes(), testing::Contains("mend|applied"));
  EXPECT_EQ(drift(), "");
}

// As are the tables that were made before there was one.
TEST_P(DatasetConformance, AnIndexOfTimeThatIsMissingIsMadeByItself) {
  const auto spec = dataset(kTrades);
  declare(spec);
  write({row_of(spec, 0, {{"symbol", "ABC"}, {"price", 1.5}})});
  EXPECT_EQ(drift(), "");
  rows(std::string("DROP INDEX ix_ds_trades_time") +
       (config_.type == "mariadb" ? " ON ds_trades" : ""));
  EXPECT_THAT(drift(), testing::HasSubstr("index ix_ds_trades_time of ds_trades is missing"));

  EXPECT_EQ(declare(spec).state, "applied");

  EXPECT_EQ(drift(), "");
  EXPECT_THAT(changes(), testing::ElementsAre("create_table|applied", "mend|applied"));
  EXPECT_EQ(count("trades"), "1");
}

TEST_P(DatasetConformance, ATableDroppedByHandIsMadeAgain) {
  const auto spec = dataset(kTrades);
  declare(spec);
  rows("DROP VIEW trades");
  rows("DROP TABLE ds_trades");

  EXPECT_TRUE(write({row_of(spec, 1, {{"symbol", "ABC"}, {"price", 2.5}})}).empty());
  EXPECT_EQ(count("trades"), "1");
}

TEST_P(DatasetConformance, ATypeChangedByHandBlocksAndIsReported) {
  declare(dataset(R"({"name": "things", "columns": [{"name": "a", "type": "i32"}]})"));
  rows("DROP VIEW things");
  rows("ALTER TABLE ds_things DROP COLUMN a");
  rows("ALTER TABLE ds_things ADD COLUMN a text");

  const auto state =
      declare(dataset(R"({"name": "things", "columns": [{"name": "a", "type": "i32"}]})"));
  EXPECT_EQ(state.state, "blocked");
  EXPECT_THAT(state.problem, testing::HasSubstr("somebody changed its table"));
  EXPECT_THAT(changes(), testing::Contains("drift|reported"));
}

TEST_P(DatasetConformance, DowngradeOfAPluginChangesNothing) {
  const auto v2 = dataset(R"({"name": "things", "version": 2, "columns": [
      {"name": "a", "type": "i32"}, {"name": "b", "type": "i64"}]})");
  const auto v1 = dataset(R"({"name": "things", "columns": [{"name": "a", "type": "i32"}]})");
  declare(v2);
  const auto state = declare(v1);

  EXPECT_EQ(state.state, "applied");
  EXPECT_EQ(state.version, 2);
  EXPECT_TRUE(write({row_of(v1, 0, {{"a", std::int64_t{1}}})}).empty());
  EXPECT_EQ(changes().size(), 1u);
}

TEST_P(DatasetConformance, WiderTypesAndNullAreAppliedAndNothingIsLost) {
  const auto v1 = dataset(R"({"name": "things", "columns": [
      {"name": "a", "type": "i16", "nullable": false}, {"name": "b", "type": "str4"}]})");
  const auto v2 = dataset(R"({"name": "things", "version": 2, "columns": [
      {"name": "a", "type": "i64"}, {"name": "b", "type": "str64"}]})");
  declare(v1);
  write({row_of(v1, 0, {{"a", std::int64_t{1}}, {"b", "abcd"}})});
  const auto state = declare(v2);
  EXPECT_EQ(state.state, "applied") << state.problem;
  EXPECT_TRUE(write({row_of(v2, 1, {{"a", std::int64_t{1} << 40}, {"b", "longer than four"}}),
                     row_of(v2, 2, {})})
                  .empty());

  EXPECT_THAT(rows("SELECT a, b FROM things WHERE a IS NOT NULL ORDER BY a"),
              testing::ElementsAre("1|abcd", "1099511627776|longer than four"));
  EXPECT_EQ(drift(), "");
}

TEST_P(DatasetConformance, FromIntToFloatTheViewShowsBothColumnsAsOne) {
  const auto v1 = dataset(R"({"name": "things", "columns": [{"name": "a", "type": "i32"}]})");
  const auto v2 = dataset(R"({"name": "things", "version": 2,
                              "columns": [{"name": "a", "type": "f64"}]})");
  declare(v1);
  write({row_of(v1, 0, {{"a", std::int64_t{1}}})});
  EXPECT_EQ(declare(v2).state, "applied");
  EXPECT_TRUE(write({row_of(v2, 1, {{"a", 2.5}})}).empty());

  EXPECT_EQ(value("SELECT count(*) FROM things WHERE a = 1 OR a = 2.5"), "2");
  EXPECT_EQ(count("ds_things WHERE a = 1 AND a__f64 IS NULL"), "1");
  EXPECT_EQ(count("ds_things WHERE a IS NULL AND a__f64 = 2.5"), "1");
  EXPECT_EQ(declare(v2).state, "applied");  // again
  EXPECT_EQ(drift(), "");
}

TEST_P(DatasetConformance, AColumnThatIsNoLongerDeclaredIsKept) {
  const auto v1 = dataset(R"({"name": "things", "columns": [
      {"name": "a", "type": "i32"}, {"name": "b", "type": "i32", "nullable": false}]})");
  const auto v2 = dataset(R"({"name": "things", "version": 2,
                              "columns": [{"name": "a", "type": "i32"}]})");
  declare(v1);
  write({row_of(v1, 0, {{"a", std::int64_t{1}}, {"b", std::int64_t{2}}})});
  declare(v2);
  EXPECT_TRUE(write({row_of(v2, 1, {{"a", std::int64_t{3}}})}).empty());

  EXPECT_THAT(rows("SELECT a, b FROM things ORDER BY a"), testing::ElementsAre("1|2", "3|NULL"));
  EXPECT_THAT(changes(), testing::Contains("deprecate_column|deprecated"));
}

TEST_P(DatasetConformance, AHostWithTheOlderVersionFillsTheColumnThatIsNoLongerDeclared) {
  const auto v1 = dataset(R"({"name": "things", "columns": [
      {"name": "n", "type": "i32"}, {"name": "old", "type": "i32"}]})");
  const auto v2 = dataset(R"({"name": "things", "version": 2,
      "columns": [{"name": "n", "type": "i32"}]})");
  declare(v1);
  declare(v2);
  declare(v1);

  EXPECT_TRUE(write({row_of(v2, 0, {{"n", std::int64_t{1}}})}).empty());
  EXPECT_TRUE(write({row_of(v1, 1, {{"n", std::int64_t{2}}, {"old", std::int64_t{7}}})}).empty());
  EXPECT_TRUE(write({row_of(v2, 1, {{"n", std::int64_t{3}}})}).empty());  // takes nothing away

  EXPECT_THAT(rows("SELECT n, old FROM ds_things WHERE old IS NOT NULL"),
              testing::ElementsAre("3|7"));
  EXPECT_EQ(count("ds_things WHERE old IS NULL"), "1");
}

TEST_P(DatasetConformance, OtherColumnsWithTheSameVersionAreRefused) {
  declare(dataset(R"({"name": "things", "columns": [{"name": "n", "type": "i32"}]})"));
  const auto state = declare(dataset(R"({"name": "things", "columns": [
      {"name": "n", "type": "i32"}, {"name": "more", "type": "i32"}]})"));

  EXPECT_EQ(state.state, "blocked");
  EXPECT_THAT(state.problem, testing::HasSubstr("raise it"));
  EXPECT_EQ(drift(), "");
}

TEST_P(DatasetConformance, WhatIsKeptForEverIsPrunedOnlyByName) {
  declare(dataset(R"({"name": "things", "columns": [
      {"name": "n", "type": "i32"}, {"name": "old", "type": "i32"}]})"));
  declare(dataset(R"({"name": "things", "version": 2,
      "columns": [{"name": "n", "type": "i32"}]})"));
  declare(dataset(R"({"name": "things", "version": 3,
      "columns": [{"name": "n", "type": "text"}]})"));
  database_.reset();
  const auto later = Time(std::chrono::hours(24 * 365 * 100));
  const auto dropped = [&](const char* name) {
    const auto columns = db::prune_datasets(config_, name, later, true);
    EXPECT_TRUE(columns) << columns.error().message;
    return columns && columns->size() == 1 && columns->front().dropped;
  };

  EXPECT_FALSE(dropped(""));
  EXPECT_TRUE(dropped("things"));
  EXPECT_EQ(value("SELECT state FROM datasets"), "blocked");  // pruning mends no refusal
  EXPECT_EQ(drift(), "");
}

TEST_P(DatasetConformance, ATimeOutsideOfTheCalendarIsRejectedAlone) {
  const auto spec = dataset(kTrades);
  declare(spec);
  const auto rejected = write({row_of(
      spec, 0, {{"symbol", "ABC"}, {"settled", std::numeric_limits<std::int64_t>::max()}})});

  ASSERT_EQ(rejected.size(), 1u);
  EXPECT_TRUE(rejected[0].but_stored);
  EXPECT_EQ(count("ds_trades WHERE settled IS NULL"), "1");
}

TEST_P(DatasetConformance, NarrowerTypesOtherKeysAndFrozenColumnsAreRefused) {
  const auto v1 = dataset(R"({"name": "things", "identity": ["k"], "columns": [
      {"name": "k", "type": "str8"}, {"name": "a", "type": "i64"}]})");
  declare(v1);
  for (const auto* next :
       {R"({"name": "things", "version": 2, "identity": ["k"], "columns": [
            {"name": "k", "type": "str8"}, {"name": "a", "type": "i16"}]})",
        R"({"name": "things", "version": 3, "columns": [
            {"name": "k", "type": "str8"}, {"name": "a", "type": "i64"}]})",
        R"({"name": "things", "version": 4, "identity": ["k"], "contract": {"columns": "freeze"},
            "columns": [{"name": "k", "type": "str8"}, {"name": "a", "type": "i64"},
                        {"name": "b", "type": "i64"}]})",
        R"({"name": "things", "version": 5, "identity": ["k"], "columns": [
            {"name": "k", "type": "str8"}, {"name": "a", "type": "i64", "nullable": false}]})"}) {
    EXPECT_EQ(declare(dataset(next)).state, "blocked") << next;
  }
  EXPECT_EQ(declare(v1).state, "applied");  // back again
  EXPECT_EQ(drift(), "");
}

TEST_P(DatasetConformance, TheCheckerFindsNothingInACleanDatabase) {
  declare({dataset(kTrades), dataset(R"({"name": "logins", "shape": "event", "columns": [
      {"name": "who", "type": "text"}, {"name": "n", "type": "i16"}]})")});
  EXPECT_EQ(drift(), "");
}

TEST_P(DatasetConformance, TheCheckerReportsWhatIsTooMuchAndWhatBelongsToNobody) {
  declare(dataset(R"({"name": "things", "columns": [{"name": "a", "type": "i32"}]})"));
  rows("ALTER TABLE ds_things ADD COLUMN mine integer");
  rows("CREATE TABLE ds_lost (a integer)");

  EXPECT_THAT(drift(), testing::AllOf(testing::HasSubstr("column mine of ds_things is unexpected"),
                                      testing::HasSubstr("table ds_lost belongs to no dataset")));
}

TEST_P(DatasetConformance, ADowngradeTakesTheTablesOfDatasetsWithItOnlyIfItMay) {
  declare(dataset(kTrades));
  database_.reset();
  EXPECT_FALSE(db::downgrade_schema(config_, "1.2.3", 0, false));
  EXPECT_EQ(count("ds_trades"), "0");

  const auto down = db::downgrade_schema(config_, "1.2.3", 0, true);
  ASSERT_TRUE(down) << down.error().message;
  upgrade();
  EXPECT_EQ(drift(), "");
}

}  // namespace unity::test
