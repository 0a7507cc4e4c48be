// What `verify`, `repair` and `test` promise of the schema of every database.
#pragma once

#include "db/dataset_rows.hpp"
#include "db/schema_conformance.hpp"
#include "migrate/rehearse.hpp"
#include "unity/db/open.hpp"
#include "unity/db/report.hpp"

namespace unity::test {

class VerifyConformance : public SchemaConformance {
 protected:
  db::SchemaVerification verified() {
    auto verification = db::verify_schema(config_);
    EXPECT_TRUE(verification) << verification.error().message;
    return verification ? std::move(*verification) : db::SchemaVerification();
  }
  // "0001 table devices: …"
  static std::vector<std::string> findings(const db::SchemaVerification& verification) {
    std::vector<std::string> all = verification.others;
    for (const auto& migration : verification.migrations) {
      const auto begin = std::to_string(migration.seq) + " ";
      if (migration.history != "applied") all.push_back(begin + migration.history);
      for (const auto& object : migration.objects) {
        for (const auto& finding : object.findings) {
          all.push_back(begin + object.name + ": " + finding);
        }
      }
    }
    return all;
  }
  void spoil_checksum(int seq) {
    value(
        "UPDATE schema_migrations SET checksum = (SELECT checksum FROM (SELECT checksum FROM "
        "schema_migrations WHERE seq = " +
        std::to_string(seq == 1 ? 2 : 1) + ") other) WHERE seq = " + std::to_string(seq));
  }
  Result<std::vector<db::MigrationState>> repair(int seq, const std::string& reason = "a test") {
    return db::repair_schema(config_, "1.2.3", seq, reason);
  }
};

TEST_P(VerifyConformance, LooksAtEachObjectOfEachMigration) {
  EXPECT_TRUE(verified().migrations.empty());
  upgrade();
  const auto verification = verified();
  EXPECT_TRUE(verification.is_good());
  EXPECT_THAT(findings(verification), testing::IsEmpty());
  ASSERT_EQ(verification.migrations.size(), static_cast<std::size_t>(db::schema_head()));
  std::size_t objects = 0;
  for (const auto& migration : verification.migrations) {
    EXPECT_FALSE(migration.objects.empty()) << migration.name;
    objects += migration.objects.size();
  }
  EXPECT_GT(objects, 40u);
}

TEST_P(VerifyConformance, DatasetsAreLookedAtAndAreNoFinding) {
  upgrade();
  {
    auto database = db::open_database(config_);
    ASSERT_TRUE(database) << database.error().message;
    const std::vector specs{
        dataset(R"({"name": "things", "columns": [{"name": "n", "type": "i32"}]})")};
    ASSERT_TRUE((*database)->catalog().declare_datasets(specs));
  }
  EXPECT_THAT(findings(verified()), testing::IsEmpty());
  spoil_checksum(3);
  const auto repaired = repair(3);
  ASSERT_TRUE(repaired) << repaired.error().message;
  EXPECT_EQ(repaired->size(), 1u);

  value("DROP VIEW things");
  value("ALTER TABLE ds_things DROP COLUMN n");
  EXPECT_THAT(findings(verified()), testing::UnorderedElementsAre(
                                        "things is missing", "column n of ds_things is missing"));
  EXPECT_FALSE(drift().empty());
  spoil_checksum(3);
  EXPECT_TRUE(repair(3));  // of what migrations made, nothing differs
}

TEST_P(VerifyConformance, NeverStopsAtTheFirstFinding) {
  upgrade();
  value("ALTER TABLE devices DROP COLUMN metadata");
  value("DROP VIEW alerts");
  value("CREATE TABLE songs (title INTEGER)");
  spoil_checksum(3);
  value("DELETE FROM schema_migrations WHERE seq = 5");

  EXPECT_THAT(findings(verified()), testing::UnorderedElementsAre(
                                        "1 table devices: column metadata of devices is missing",
                                        "6 view alerts: alerts is missing", "songs is unexpected",
                                        "3 checksum differs", "5 not recorded"));
}

TEST_P(VerifyConformance, ADatabaseOfSomethingElseIsRefused) {
  value("CREATE TABLE songs (title INTEGER)");
  EXPECT_EQ(db::verify_schema(config_).error().code, Errc::refused);
  EXPECT_EQ(repair(1).error().code, Errc::refused);
}

TEST_P(VerifyConformance, ARowThatDiffersIsRepairedAndSaysWhoAndWhy) {
  upgrade();
  spoil_checksum(3);
  EXPECT_EQ(db::upgrade_schema(config_, "1.2.3").error().code, Errc::refused);

  const auto repaired = repair(3, "the file was\nreformatted");

  ASSERT_TRUE(repaired) << repaired.error().message;
  ASSERT_EQ(repaired->size(), 1u);
  EXPECT_EQ(repaired->front().state, "repaired");
  EXPECT_TRUE(verified().is_good());
  const auto sql = value("SELECT sql_text FROM schema_migrations WHERE seq = 3");
  EXPECT_THAT(sql, testing::StartsWith("-- repaired "));
  EXPECT_THAT(sql, testing::HasSubstr("with unity 1.2.3: the file was reformatted (it was done "
                                      "with checksum "));
  EXPECT_THAT(sql, testing::HasSubstr("data_collection_audit"));
  EXPECT_TRUE(db::upgrade_schema(config_, "1.2.3"));

  // What was said before stays.
  spoil_checksum(3);
  ASSERT_TRUE(repair(3, "once more"));
  EXPECT_THAT(value("SELECT sql_text FROM schema_migrations WHERE seq = 3"),
              testing::AllOf(testing::HasSubstr("reformatted"), testing::HasSubstr("once more")));
}

TEST_P(VerifyConformance, ARowThatIsMissingIsPutBack) {
  upgrade();
  value("DELETE FROM schema_migrations WHERE seq = 5");
  ASSERT_TRUE(repair(5));
  EXPECT_TRUE(verified().is_good());
}

TEST_P(VerifyConformance, ARowThatIsCutOffIsRepairedIfAllOfItIsThere) {
  upgrade();
  value("UPDATE schema_migrations SET state = 'applying', dirty_step = 0 WHERE seq = " +
        std::to_string(db::schema_head()));
  ASSERT_TRUE(repair(db::schema_head()));
  EXPECT_TRUE(verified().is_good());
}

TEST_P(VerifyConformance, OneRowAtATime) {
  upgrade();
  spoil_checksum(3);
  spoil_checksum(4);
  ASSERT_TRUE(repair(3));
  EXPECT_THAT(findings(verified()), testing::ElementsAre("4 checksum differs"));
}

TEST_P(VerifyConformance, WhatIsNotAsItShouldBeIsNotRepaired) {
  upgrade();
  spoil_checksum(3);
  value("ALTER TABLE devices DROP COLUMN metadata");
  const auto refused = repair(3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("column metadata of devices is missing"));
  EXPECT_EQ(db::schema_state(config_)->migrations[2].state, "checksum differs");
}

TEST_P(VerifyConformance, WhatIsRightOrUnknownIsNotRepaired) {
  EXPECT_EQ(repair(1).error().code, Errc::refused);  // nothing was applied
  upgrade(5);
  EXPECT_TRUE(repair(3)->empty());
  EXPECT_EQ(repair(6).error().code, Errc::refused);
  EXPECT_EQ(repair(99).error().code, Errc::refused);
  EXPECT_EQ(db::schema_state(config_)->current, 5);
}

TEST_P(VerifyConformance, ARehearsalLeavesTheDatabaseAsItWas) {
  upgrade(5);
  const auto before = fixture_->rows("SELECT seq, state FROM schema_migrations ORDER BY seq");

  const auto rehearsal = db::rehearse_schema(config_, "1.2.3");

  ASSERT_TRUE(rehearsal) << rehearsal.error().message;
  EXPECT_EQ(rehearsal->why_not, "");
  EXPECT_EQ(rehearsal->applied.size(), static_cast<std::size_t>(db::schema_head()));
  EXPECT_EQ(rehearsal->taken_back.size(), rehearsal->applied.size());
  EXPECT_THAT(rehearsal->place, testing::HasSubstr("test"));
  EXPECT_EQ(fixture_->rows("SELECT seq, state FROM schema_migrations ORDER BY seq"), before);
  EXPECT_EQ(drift(), "");
}

TEST_P(VerifyConformance, ARehearsalThatFailsIsTakenAwayAsWell) {
  std::string place;
  {
    auto scratch = db::make_scratch(config_);
    ASSERT_TRUE(scratch) << scratch.error().message;
    ASSERT_TRUE(db::upgrade_schema(scratch->config(), "1.2.3"));
    EXPECT_EQ(db::schema_state(scratch->config())->current, db::schema_head());
    EXPECT_EQ(db::schema_state(config_)->current, 0);  // beside it, and not in it
    place = scratch->name();
    auto again = db::make_scratch(config_);
    ASSERT_TRUE(again);
    EXPECT_NE(again->name(), place);
  }
  EXPECT_EQ(drift(), "");
}

TEST_P(VerifyConformance, AReportHasASectionForEachQuestionAndCountsRows) {
  upgrade();
  const auto report = db::read_report(config_, 10);
  ASSERT_TRUE(report) << report.error().message;
  std::vector<std::string> names;
  for (const auto& section : report->sections) {
    names.push_back(section.name);
    for (const auto& row : section.rows) EXPECT_EQ(row.size(), section.columns.size());
  }
  EXPECT_THAT(names, testing::ElementsAre("tables", "plugins", "sources", "collection", "services",
                                          "configuration", "indexes", "statements"));
  const auto& tables = report->sections.front().rows;
  const auto history = std::find_if(tables.begin(), tables.end(), [](const json::Array& row) {
    return row[0] == json::Value("schema_migrations");
  });
  ASSERT_NE(history, tables.end());
  EXPECT_EQ((*history)[1], json::Value(db::schema_head()));
  EXPECT_GT((*history)[2].integer(), 1000);

  const auto server = db::read_server(config_);
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_FALSE(server->version.empty());
  EXPECT_GT(server->bytes, 10'000);
}

}  // namespace unity::test
