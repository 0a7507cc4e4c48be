#include "unity/core/engine/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unity {
namespace {

using testing::ElementsAre;
using testing::Pair;

PipelineOutput output(std::size_t records, std::size_t rejected = 0, std::size_t dropped = 0) {
  PipelineOutput out;
  out.collected = records + rejected + dropped;
  out.records.resize(records);
  out.rejected.resize(rejected);
  if (dropped > 0) out.dropped_by["filtered"] = dropped;
  return out;
}

const Accounting* find(const std::vector<InstanceAccount>& all, std::string_view instance) {
  for (const auto& one : all) {
    if (one.instance == instance) return &one.storages.front();
  }
  return nullptr;
}

TEST(Ledger, FollowsARecordFromItsRunToTheStorage) {
  Ledger ledger(0, {{}});

  ledger.collected("a", output(3));
  EXPECT_EQ(ledger.account(0).in_flight, 3u);
  ledger.spooled(3, 3);
  EXPECT_EQ(ledger.account(0).in_flight, 3u);
  EXPECT_TRUE(ledger.account(0).balanced());

  ledger.stored(0, "a", 2);
  ledger.rejected(0, "a", 1);
  ledger.report(0, {}, 3);

  const auto account = ledger.account(0);
  EXPECT_EQ(account.stored, 2u);
  EXPECT_EQ(account.rejected, 1u);
  EXPECT_EQ(account.in_flight, 0u);
  EXPECT_TRUE(account.balanced());
}

TEST(Ledger, CountsWhatThePipelineKeptBack) {
  Ledger ledger(0, {{}});

  ledger.collected("a", output(1, 2, 3));

  const auto account = ledger.account(0);
  EXPECT_EQ(account.collected, 6u);
  EXPECT_EQ(account.rejected, 2u);
  EXPECT_THAT(account.dropped_by, ElementsAre(Pair("filtered", 3)));
  EXPECT_TRUE(account.balanced());
}

TEST(Ledger, SeesARecordThatVanished) {
  Ledger ledger(0, {{}});
  ledger.collected("a", output(3));
  ledger.spooled(3, 3);

  ledger.stored(0, "a", 2);
  ledger.report(0, {}, 3);  // the spool says that all three are settled

  EXPECT_FALSE(ledger.account(0).balanced());
}

TEST(Ledger, CountsWhatTheSpoolFoundLostWhenItWasOpenedAsCollectedAndDropped) {
  const Ledger ledger(10, {{4, {{"lagging", 5}}}});

  const auto account = ledger.account(0);
  EXPECT_EQ(account.collected, 9u);
  EXPECT_EQ(account.in_flight, 4u);
  EXPECT_THAT(account.dropped_by, ElementsAre(Pair("lagging", 5)));
  EXPECT_TRUE(account.balanced());
}

TEST(Ledger, CountsABacklogAsCollected) {
  Ledger ledger(10, {{4, {}}});
  EXPECT_EQ(ledger.account(0).collected, 4u);
  EXPECT_EQ(ledger.account(0).in_flight, 4u);
  EXPECT_EQ(ledger.by_instance().at(0).storages.at(0).in_flight, 4u);

  ledger.stored(0, kBacklog, 4);
  ledger.report(0, {}, 10);

  EXPECT_TRUE(ledger.account(0).balanced());
  const auto all = ledger.by_instance();
  const auto* backlog = find(all, kBacklog);
  ASSERT_NE(backlog, nullptr);
  EXPECT_EQ(backlog->collected, 4u);
  EXPECT_TRUE(backlog->balanced());
}

TEST(Ledger, BalancesForEachStorageByItself) {
  Ledger ledger(0, {{}, {}});
  ledger.collected("a", output(2));
  ledger.spooled(2, 2);

  ledger.stored(0, "a", 2);
  ledger.report(0, {}, 2);

  EXPECT_EQ(ledger.account(0).stored, 2u);
  EXPECT_EQ(ledger.account(1).stored, 0u);
  EXPECT_EQ(ledger.account(1).in_flight, 2u);
  EXPECT_TRUE(ledger.account(0).balanced());
  EXPECT_TRUE(ledger.account(1).balanced());
}

TEST(Ledger, KeepsAsPendingWhatAReportKnowsBeforeItIsBooked) {
  Ledger ledger(0, {{}});
  ledger.collected("a", output(2));
  ledger.spooled(2, 2);
  ledger.collected("b", output(5));

  ledger.stored(0, "a", 2);
  ledger.report(0, {5, {}}, 7);  // "b" is in the spool, and nobody has said so yet

  EXPECT_EQ(ledger.account(0).in_flight, 5u);
  EXPECT_TRUE(ledger.account(0).balanced());
  ledger.spooled(5, 7);
  EXPECT_EQ(ledger.account(0).in_flight, 5u);
  EXPECT_TRUE(ledger.account(0).balanced());
}

TEST(Ledger, CountsWhatTheSpoolLostAsDropped) {
  Ledger ledger(0, {{}});
  ledger.collected("a", output(9));
  ledger.spooled(9, 9);

  ledger.report(0, {2, {{"spool_full", 7}}}, 9);

  EXPECT_THAT(ledger.account(0).dropped_by, ElementsAre(Pair("spool_full", 7)));
  EXPECT_EQ(ledger.account(0).in_flight, 2u);
  EXPECT_TRUE(ledger.account(0).balanced());
}

TEST(Ledger, CountsWhatWasRefusedOrNotKept) {
  Ledger ledger(0, {{}});
  ledger.collected("a", output(2, 3));

  ledger.refused("a", 2, "spool_full");
  ledger.not_kept("a", 1);

  const auto account = ledger.account(0);
  EXPECT_EQ(account.rejected, 2u);
  EXPECT_THAT(account.dropped_by, ElementsAre(Pair("not_kept", 1), Pair("spool_full", 2)));
  EXPECT_TRUE(account.balanced());
}

TEST(Ledger, TellsTheAccountOfEachInstance) {
  Ledger ledger(0, {{}});
  ledger.collected("a", output(2, 1));
  ledger.collected("b", output(3));
  ledger.spooled(5, 5);
  ledger.stored(0, "b", 3);
  ledger.report(0, {2, {}}, 5);

  const auto all = ledger.by_instance();
  EXPECT_EQ(find(all, "a")->in_flight, 2u);
  EXPECT_EQ(find(all, "a")->rejected, 1u);
  EXPECT_EQ(find(all, "b")->stored, 3u);
  EXPECT_EQ(find(all, "b")->in_flight, 0u);
}

}  // namespace
}  // namespace unity
