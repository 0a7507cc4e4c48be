#include "unity/core/engine/audit_trail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace unity {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Time kNoon{std::chrono::hours(12)};

RunFacts facts(std::uint64_t run, Time started, RunClass outcome = RunClass::ok) {
  RunFacts one;
  one.run = run;
  one.device = "box";
  one.plugin = "unity.disk";
  one.instance = "disk";
  one.outcome = outcome;
  one.started = started;
  one.took = 20ms;
  one.cpu = 3ms;
  one.records = 5;
  one.bytes = 100;
  return one;
}

class AuditTrailTest : public testing::Test {
 protected:
  // Runs end at once.
  void add(const RunFacts& one) { trail_.add(one, one.started); }

  AuditTrail trail_{"box"};
};

TEST_F(AuditTrailTest, SumsTheSuccessesOfAMinute) {
  for (int i = 0; i < 6; ++i) add(facts(7 + static_cast<std::uint64_t>(i), kNoon + i * 10s));
  EXPECT_THAT(trail_.take(kNoon + 59s), IsEmpty());

  const auto rows = trail_.take(kNoon + 60s);

  ASSERT_THAT(rows, SizeIs(1));
  const auto& row = rows[0];
  EXPECT_EQ(row.time, kNoon);
  EXPECT_EQ(row.device, "box");
  EXPECT_EQ(row.data_type, "unity.disk");
  EXPECT_EQ(row.collection_source, "disk");
  EXPECT_EQ(row.collection_method, "schedule");
  EXPECT_EQ(row.status, "success");
  EXPECT_EQ(row.operations, 6);
  EXPECT_EQ(row.duration_ms, 120);
  EXPECT_EQ(row.cpu_us, 18'000);
  EXPECT_EQ(row.records_created, 30);
  EXPECT_EQ(row.data_size_bytes, 600);
  EXPECT_THAT(trail_.take(kNoon + 120s), IsEmpty());
}

TEST_F(AuditTrailTest, LeavesEmptyWhatDoesNotApply) {
  auto one = facts(1, kNoon);
  one.cpu.reset();
  add(one);
  const auto row = trail_.take_all().at(0);
  EXPECT_FALSE(row.cpu_us);
  EXPECT_FALSE(row.cache_hit);
  EXPECT_FALSE(row.ssh_command_count);
  EXPECT_FALSE(row.records_updated);
  EXPECT_FALSE(row.freshness_threshold);
  EXPECT_FALSE(row.force_refresh);
  EXPECT_THAT(row.error_message, IsEmpty());
  EXPECT_THAT(row.warnings, IsEmpty());
}

TEST_F(AuditTrailTest, GivesEachFailureARowAtOnce) {
  auto failed = facts(1, kNoon + 1s, RunClass::timeout);
  failed.message = "it took too long";
  failed.trigger = Trigger::retry;
  add(failed);
  add(facts(2, kNoon + 2s));
  add(facts(3, kNoon + 3s, RunClass::internal));

  const auto rows = trail_.take(kNoon + 4s);

  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].time, kNoon + 1s);
  EXPECT_EQ(rows[0].status, "timeout");
  EXPECT_EQ(rows[0].error_message, "it took too long");
  EXPECT_EQ(rows[0].collection_method, "retry");
  EXPECT_EQ(rows[0].operations, 1);
  EXPECT_EQ(rows[0].duration_ms, 20);
  EXPECT_FALSE(rows[0].records_created);
  EXPECT_EQ(rows[1].status, "internal");
}

TEST_F(AuditTrailTest, GivesFirstAndManualRunsARow) {
  auto first = facts(1, kNoon);
  first.first = true;
  auto manual = facts(2, kNoon + 1s);
  manual.trigger = Trigger::manual;
  auto unneeded = facts(3, kNoon + 2s);
  unneeded.trigger = Trigger::manual;
  unneeded.if_older = 60s;
  unneeded.fresh = true;
  for (const auto& one : {first, manual, unneeded}) add(one);

  const auto rows = trail_.take(kNoon + 3s);

  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[0].records_created, 5);
  EXPECT_FALSE(rows[0].force_refresh);
  EXPECT_TRUE(rows[1].force_refresh);
  EXPECT_EQ(rows[1].cache_hit, false);
  EXPECT_FALSE(rows[1].freshness_threshold);
  EXPECT_FALSE(rows[2].force_refresh);
  EXPECT_EQ(rows[2].cache_hit, true);
  EXPECT_EQ(rows[2].freshness_threshold, 60);
  EXPECT_FALSE(rows[2].duration_ms);
  EXPECT_FALSE(rows[2].records_created);
}

TEST_F(AuditTrailTest, APartialSuccessShowsInTheSum) {
  auto partial = facts(1, kNoon, RunClass::partial);
  partial.message = "one disk is asleep";
  add(partial);
  add(facts(2, kNoon + 1s));
  const auto row = trail_.take_all().at(0);
  EXPECT_EQ(row.status, "partial");
  EXPECT_THAT(row.warnings, ElementsAre("one disk is asleep"));
  EXPECT_EQ(row.operations, 2);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

TEST_F(AuditTrailTest, CutsWhatIsLongerThanItsColumnBetweenCharacters) {
  const auto device = repeated("\u00e9", 300);
  const auto plugin = std::string(101, 'p');
  const auto instance = std::string(199, 'i') + "\u20ac\u20ac";
  const auto message = repeated("\U0001f4be", 5000);
  auto failed = facts(1, kNoon, RunClass::internal);
  failed.device = device;
  failed.plugin = plugin;
  failed.instance = instance;
  failed.message = message;
  auto partial = failed;
  partial.outcome = RunClass::partial;
  add(failed);
  add(partial);

  const auto rows = trail_.take_all();

  ASSERT_THAT(rows, SizeIs(2));
  for (const auto& row : rows) {
    EXPECT_EQ(row.device, repeated("\u00e9", 255));
    EXPECT_EQ(row.data_type, std::string(100, 'p'));
    EXPECT_EQ(row.collection_source, std::string(199, 'i') + "\u20ac");
  }
  EXPECT_EQ(rows[0].error_message, repeated("\U0001f4be", 4000));
  EXPECT_THAT(rows[1].warnings, ElementsAre(rows[0].error_message));
}

TEST_F(AuditTrailTest, ReplacesWhatIsNoText) {
  auto failed = facts(1, kNoon, RunClass::internal);
  const auto message = std::string("a\0b\xff", 4) + "\xe2\x82";
  failed.message = message;
  add(failed);
  EXPECT_EQ(trail_.take_all().at(0).error_message, "a?b???");
}

TEST_F(AuditTrailTest, KeepsInstancesApart) {
  auto other = facts(2, kNoon);
  other.instance = "other";
  add(facts(1, kNoon));
  add(other);
  EXPECT_THAT(trail_.take_all(), SizeIs(2));
}

TEST_F(AuditTrailTest, CountsARunInTheMinuteInWhichItEnds) {
  trail_.add(facts(1, kNoon + 59s), kNoon + 61s);
  EXPECT_THAT(trail_.take(kNoon + 100s), IsEmpty());
  EXPECT_EQ(trail_.take(kNoon + 120s).at(0).time, kNoon + 60s);
}

TEST_F(AuditTrailTest, GivesAMinuteThatComesAgainARowOfItsOwn) {
  add(facts(1, kNoon));
  add(facts(2, kNoon - 1h));  // the clock was set back
  add(facts(3, kNoon));
  const auto rows = trail_.take_all();
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[0].time, rows[2].time);
  EXPECT_NE(rows[0].operation_id, rows[2].operation_id);
}

TEST_F(AuditTrailTest, NamesEachOperationDifferentlyAndTheSameEachTime) {
  std::set<std::string> ids;
  for (const auto* host : {"box", "other"}) {
    for (const auto* instance : {"disk", "other"}) {
      for (std::uint64_t run = 1; run <= 3; ++run) {
        for (const auto outcome : {RunClass::ok, RunClass::timeout}) {
          auto one = facts(run, kNoon, outcome);
          one.instance = instance;
          AuditTrail trail(host);
          AuditTrail again(host);
          trail.add(one, kNoon);
          again.add(one, kNoon);
          const auto id = trail.take_all().at(0).operation_id;
          EXPECT_EQ(id.size(), 16u);
          EXPECT_EQ(id, again.take_all().at(0).operation_id);
          ids.insert(id);
        }
      }
    }
  }
  EXPECT_THAT(ids, SizeIs(24));
}

TEST_F(AuditTrailTest, CountsTheRowsForWhichThereIsNoRoom) {
  for (std::size_t i = 0; i < AuditTrail::kRowsMax + 3; ++i) {
    add(facts(i, kNoon, RunClass::transient));
  }
  EXPECT_EQ(trail_.lost(), 3u);
  EXPECT_THAT(trail_.take(kNoon), SizeIs(AuditTrail::kRowsMax));
}

}  // namespace
}  // namespace unity
