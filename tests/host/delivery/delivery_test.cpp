#include "delivery/delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/delivery/delivery_fixture.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST_F(DeliveryTest, StoresWhatItAccepts) {
  open();

  accept({"a", "b"});
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "b"));
  EXPECT_EQ(account().collected, 2u);
  EXPECT_EQ(account().stored, 2u);
  EXPECT_EQ(account().in_flight, 0u);
}

TEST_F(DeliveryTest, AcceptsARunOnlyWhenTheSpoolHasIt) {
  open();
  script_.hold();

  accept({"a", "b"});

  EXPECT_EQ(delivery_->state().spool.end.emitted, 2u);
  EXPECT_EQ(account().in_flight, 2u);
  EXPECT_EQ(account().stored, 0u);
}

TEST_F(DeliveryTest, AcceptsARunWithNothingToStoreAtOnce) {
  open();

  EXPECT_TRUE(accept(report({})));
  EXPECT_EQ(delivery_->state().spool.end.records, 0u);
}

TEST_F(DeliveryTest, LeavesInTheSpoolWhatTheStorageDoesNotTakeUntilTheNextStart) {
  open();
  script_.fail(1'000'000);
  accept({"a", "b"});
  script_.wait_for_attempts(1);
  ASSERT_TRUE(delivery_->stop(at_once()));
  EXPECT_EQ(account().in_flight, 2u);
  delivery_.reset();

  script_.fail(0);
  open();
  EXPECT_EQ(account().collected, 2u);
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "b"));
  EXPECT_EQ(account().stored, 2u);
  EXPECT_EQ(account().in_flight, 0u);
}

TEST_F(DeliveryTest, DoesNotStoreTwiceWhatWasStoredBeforeTheStart) {
  open();
  accept({"a"});
  ASSERT_TRUE(delivery_->stop(late()));
  delivery_.reset();

  open();
  accept({"b"});
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "b"));
}

TEST_F(DeliveryTest, ADeadStorageStopsNeitherTheOtherNorTheCollectors) {
  other_.hold();
  std::vector<StorageSpec> storages;
  storages.push_back(scripted_storage("main", script_));
  storages.push_back(scripted_storage("dead", other_));
  open(std::move(storages));

  for (int i = 0; i < 20; ++i) accept({"a", "b"});
  script_.wait_for_stored(40);

  EXPECT_THAT(other_.stored(), IsEmpty());
  EXPECT_EQ(account(1).in_flight, 40u);
  other_.release();
  ASSERT_TRUE(delivery_->stop(late()));
  EXPECT_THAT(other_.stored(), SizeIs(40));
  EXPECT_EQ(account(0).stored, 40u);
  EXPECT_EQ(account(1).stored, 40u);
}

TEST_F(DeliveryTest, CountsWhatThePipelineDroppedAndRejected) {
  open();
  auto one = report({"a"});
  one.output.collected = 4;
  one.output.dropped_by["first of a rate"] = 2;
  one.output.rejected.push_back({"unreadable", "not JSON", "{oops", "", "validate"});

  ASSERT_TRUE(accept(std::move(one)));
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_EQ(account().collected, 4u);
  EXPECT_EQ(account().stored, 1u);
  EXPECT_EQ(account().rejected, 1u);
  EXPECT_EQ(account().dropped(), 2u);
  ASSERT_THAT(letters(), SizeIs(1));
  EXPECT_EQ(delivery_->dead_letters().get(letters()[0].id)->payload, "{oops");
  EXPECT_EQ(letters()[0].stage, "validate");
  EXPECT_EQ(letters()[0].run, 7u);
}

TEST_F(DeliveryTest, CountsTheHostsOwnRecordsApart) {
  open();
  script_.reject("own");
  auto one = report({"a"});
  one.host_made = {record("own", true), record("other", true)};

  ASSERT_TRUE(accept(std::move(one)));
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "other"));
  EXPECT_EQ(account().collected, 1u);
  EXPECT_EQ(account().stored, 1u);
  EXPECT_EQ(account().rejected, 0u);
  EXPECT_EQ(delivery_->state().host_made, 2u);
}

TEST_F(DeliveryTest, RefusesARunThatAFullSpoolDoesNotTake) {
  spool_.max_bytes = 1 << 20;
  spool_.segment_bytes = 256 << 10;
  spool_.when_full = db::FullPolicy::reject;
  open();
  script_.hold();

  Result<void> accepted;
  for (int i = 0; i < 10'000 && accepted; ++i) {
    accepted = accept(report(std::vector<std::string>(100, std::string(100, 'x'))));
  }

  EXPECT_FALSE(accepted);
  EXPECT_GT(account().dropped_by["spool_full"], 0u);
  EXPECT_TRUE(account().balanced());
}

TEST_F(DeliveryTest, RefusesARunThatComesAfterItsEnd) {
  open();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_FALSE(accept(report({"a"})));

  EXPECT_THAT(account().dropped_by, ElementsAre(Pair("shutdown", 1)));
}

TEST_F(DeliveryTest, TellsItsObserverOfEachAcceptedRun) {
  open();
  std::vector<std::string> seen;
  delivery_->on_accepted([&](const std::vector<Record>& records) {
    for (const auto& one : records) seen.push_back(one.metric);
  });

  accept({"a", "b"});
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

TEST_F(DeliveryTest, BalancesAtEveryMomentOfAStorm) {
  std::vector<StorageSpec> storages;
  storages.push_back(scripted_storage("main", script_, 7));
  storages.push_back(scripted_storage("other", other_, 11));
  open(std::move(storages));
  std::vector<std::jthread> sources;
  for (int source = 0; source < 3; ++source) {
    sources.emplace_back([this] {
      for (int i = 0; i < 100; ++i) accept({"a", "b", "c", "d", "e"});
    });
  }
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(account(0).balanced());
    ASSERT_TRUE(account(1).balanced());
  }
  sources.clear();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_EQ(account(0).stored, 1500u);
  EXPECT_EQ(account(1).stored, 1500u);
}

}  // namespace
}  // namespace unity::host
