// What the schema of every database promises, whatever it is. An adapter instantiates it with a
// function that makes an empty database.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "db/altering_migrations.hpp"
#include "db/upgrade_with.hpp"
#include "migrations/list.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {

// An empty database, kept alive as long as this, and a look behind the adapter's back.
class SchemaFixture {
 public:
  virtual ~SchemaFixture() = default;
  virtual db::DatabaseConfig config() = 0;
  // Rows of columns joined by "|".
  virtual std::vector<std::string> rows(const std::string& sql) = 0;
  // As an SQL constant.
  virtual std::string time_literal(std::int64_t seconds) = 0;
  // Has read this in a transaction that stays open for as long as what it returns.
  virtual std::shared_ptr<void> begin_reading(const std::string& sql) = 0;
};

using MakeSchemaFixture = std::function<std::unique_ptr<SchemaFixture>()>;

class SchemaConformance : public testing::TestWithParam<MakeSchemaFixture> {
 protected:
  void upgrade(std::optional<int> target = {}) {
    const auto done = db::upgrade_schema(config_, "1.2.3", target);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string drift(db::Migrations migrations = db::all_migrations()) {
    auto session = db::look_at_schema(config_);
    EXPECT_TRUE(session);
    const auto drifts = db::find_drift(**session, migrations);
    EXPECT_TRUE(drifts) << drifts.error().message;
    std::string text;
    for (const auto& one : *drifts) text += db::schema::to_text(one) + "\n";
    return text;
  }
  std::string value(const std::string& sql) {
    const auto found = fixture_->rows(sql);
    return found.empty() ? std::string() : found.front();
  }

  std::unique_ptr<SchemaFixture> fixture_ = GetParam()();
  db::DatabaseConfig config_ = fixture_->config();
};

TEST_P(SchemaConformance, IsJustWhatTheMigrationsSay) {
  upgrade();
  EXPECT_EQ(drift(), "");
}

TEST_P(SchemaConformance, UpgradeByOneAndDowngradeByOneIsTheSameAsBefore) {
  for (int seq = 1; seq <= db::schema_head(); ++seq) {
    upgrade(seq);
    if (seq != 11) {  // which has views and an index
      const auto refused = db::downgrade_schema(config_, "1.2.3", seq - 1, false);
      ASSERT_FALSE(refused) << seq << " loses nothing?";
      EXPECT_EQ(refused.error().code, Errc::refused);
    }
    const auto back = db::downgrade_schema(config_, "1.2.3", seq - 1, true);
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(back->size(), 1u);
    EXPECT_EQ(drift(), "") << "after " << seq << " was taken back";
    EXPECT_EQ(db::schema_state(config_)->current, seq - 1);
    upgrade(seq);
    EXPECT_EQ(drift(), "") << "after " << seq << " came back";
  }
}

TEST_P(SchemaConformance, ADowngradeThatWouldLoseDataSaysWhatAndDoesNothing) {
  upgrade();
  const auto refused = db::downgrade_schema(config_, "1.2.3", 3, false);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("6 drops the table incidents"));
  EXPECT_THAT(refused.error().message,
              testing::HasSubstr("4 drops the column schema_migrations.breaking"));
  EXPECT_EQ(db::schema_state(config_)->current, db::schema_head());
  EXPECT_EQ(drift(), "");
}

TEST_P(SchemaConformance, DriftNamesTableColumnAndKind) {
  upgrade();
  value("DROP VIEW alerts");
  value("ALTER TABLE devices DROP COLUMN metadata");
  value("ALTER TABLE incidents ADD COLUMN mood INTEGER");
  value("CREATE TABLE songs (title INTEGER)");
  const auto found = db::find_schema_drift(config_);
  ASSERT_TRUE(found) << found.error().message;
  std::vector<std::string> texts;
  for (const auto& one : *found) texts.push_back(one.text);
  EXPECT_THAT(texts, testing::UnorderedElementsAre("column metadata of devices is missing",
                                                   "column mood of incidents is unexpected",
                                                   "songs is unexpected", "alerts is missing"));
}

TEST_P(SchemaConformance, AnOlderVersionWorksWithANewerSchemaUnlessThatBreaksIt) {
  upgrade();
  const auto more = [](bool breaking) {
    std::vector<db::Migration> list(db::all_migrations().begin(), db::all_migrations().end());
    list.push_back({db::schema_head() + 1, "more", add_note_ops, breaking});
    return list;
  };
  const auto harmless = more(false);
  ASSERT_TRUE(upgrade_with(config_, harmless, "2.0"));
  const auto nothing = db::upgrade_schema(config_, "1.2.3");
  ASSERT_TRUE(nothing) << nothing.error().message;
  EXPECT_TRUE(nothing->empty());
  EXPECT_TRUE(db::open_database(config_));

  auto breaking = more(false);
  breaking.push_back({db::schema_head() + 2, "rename", rename_ops, true});
  ASSERT_TRUE(upgrade_with(config_, breaking, "3.0"));
  const auto refused = db::upgrade_schema(config_, "1.2.3");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_THAT(refused.error().message,
              testing::HasSubstr("knows only up to " + std::to_string(db::schema_head())));
  EXPECT_FALSE(db::open_database(config_));
}

TEST_P(SchemaConformance, ATableThatIsAlteredKeepsItsRowsAndThoseThatReferToThem) {
  ASSERT_TRUE(upgrade_with(config_, altering_migrations().first(1), "1.0"));
  value("INSERT INTO parents (id, name, size) VALUES (1, 'a', 10), (2, 'b', 20)");
  value("INSERT INTO children (id, parent_id) VALUES (5, 1), (6, 2), (7, 2)");
  for (std::size_t many = 2; many <= altering_migrations().size(); ++many) {
    const auto migrations = altering_migrations().first(many);
    const auto done = upgrade_with(config_, migrations, "1.0");
    ASSERT_TRUE(done) << migrations.back().name << ": " << done.error().message;
    EXPECT_EQ(value("SELECT count(*) FROM parents"), "2") << migrations.back().name;
    EXPECT_EQ(value("SELECT count(*) FROM children"), "3") << migrations.back().name;
    EXPECT_EQ(drift(migrations), "") << migrations.back().name;
  }
  // And all the way back.
  for (auto left = altering_migrations().size() - 1; left >= 1; --left) {
    auto session = db::open_schema(config_);
    ASSERT_TRUE(session);
    const auto back =
        db::downgrade(**session, altering_migrations(), {static_cast<int>(left), "1.0", true});
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(drift(altering_migrations()), "") << "back at " << left;
    EXPECT_EQ(value("SELECT count(*) FROM children"), "3");
  }
}

TEST_P(SchemaConformance, OnlyWhatIsThereCanBeStamped) {
  upgrade(5);
  value("DELETE FROM schema_migrations");
  const auto wrong = db::stamp_schema(config_, "1.2.3", 6);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::refused);
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("incidents is missing"));
  const auto right = db::stamp_schema(config_, "1.2.3", 5);
  ASSERT_TRUE(right) << right.error().message;
  EXPECT_EQ(db::schema_state(config_)->current, 5);
  upgrade();
  EXPECT_EQ(drift(), "");
}

}  // namespace unity::test
