#include "delivery/delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "host/delivery/scripted_delivery.hpp"
#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// No test depends on how long this is, unless something hangs.
Instant late() { return std::chrono::steady_clock::now() + 1h; }
Instant at_once() { return std::chrono::steady_clock::now(); }

Record record(const std::string& metric, bool host_made = false) {
  static const auto origin = std::make_shared<const Origin>(Origin{"box", "zoo.scripted", "a"});
  Record one;
  one.origin = origin;
  one.metric = metric;
  one.time = Time(1s);
  one.fields.push_back({"value", 1.0, Kind::gauge, ""});
  one.host_made = host_made;
  return one;
}

RunReport report(const std::vector<std::string>& metrics) {
  RunReport one;
  one.run = 7;
  one.instance = "a";
  one.plugin = "zoo.scripted";
  one.output.collected = metrics.size();
  for (const auto& metric : metrics) one.output.records.push_back(record(metric));
  return one;
}

// A host's life: one storage or two, and what it leaves behind for the next one.
class DeliveryTest : public testing::Test {
 protected:
  void open(std::vector<StorageSpec> storages) {
    delivery_ = open_delivery(temp_.path(), std::move(storages), spool_);
    ASSERT_TRUE(delivery_);
  }
  void open(std::size_t batch_size = 100) {
    std::vector<StorageSpec> storages;
    storages.push_back(scripted_storage("main", script_, batch_size));
    open(std::move(storages));
  }

  // Waits until it is accepted, or refused.
  Result<void> accept(RunReport one) {
    std::promise<Result<void>> accepted;
    delivery_->accept(std::move(one), [&](Result<void> result) { accepted.set_value(result); });
    return accepted.get_future().get();
  }
  void accept(const std::vector<std::string>& metrics) { ASSERT_TRUE(accept(report(metrics))); }

  Accounting account(std::size_t storage = 0) const {
    return delivery_->state().storages.at(storage).accounting;
  }
  std::vector<db::DeadLetter> letters() const {
    auto all = delivery_->dead_letters().list({}, 1000);
    return all ? *all : std::vector<db::DeadLetter>();
  }
  void TearDown() override {
    script_.release();
    other_.release();
    if (!delivery_) return;
    for (const auto& storage : delivery_->state().storages) {
      EXPECT_TRUE(storage.accounting.balanced()) << storage.id;
    }
  }

  test::TempDir temp_;
  db::SpoolConfig spool_;
  StorageScript script_;
  StorageScript other_;
  std::unique_ptr<Delivery> delivery_;
};

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

TEST_F(DeliveryTest, GathersBatchesWhileTheWriterIsBusy) {
  open(2);
  script_.hold();
  accept({"a"});
  script_.wait_for_attempts(1);

  accept({"b", "c", "d", "e", "f"});
  script_.release();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.batch_sizes(), ElementsAre(1, 2, 2, 1));
}

TEST_F(DeliveryTest, RepeatsAFailedWriteInOrderAndWithoutLossOrDouble) {
  open(2);
  script_.fail(2);

  accept({"a"});
  script_.wait_for_attempts(1);
  accept({"b", "c", "d"});
  script_.wait_for_stored(4);
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(account().stored, 4u);
  EXPECT_EQ(account().dropped(), 0u);
  EXPECT_THAT(delivery_->state().storages[0].writer.problem, IsEmpty());
}

TEST_F(DeliveryTest, SaysWhyNothingIsStoredAndWhenItIsTriedAgain) {
  open();
  script_.fail(1'000'000);

  accept({"a"});
  script_.wait_for_attempts(2);  // the first has been taken note of

  const auto writer = delivery_->state().storages[0].writer;
  EXPECT_EQ(writer.problem, "the disk is full");
  EXPECT_TRUE(writer.next_try);
  EXPECT_EQ(account().in_flight, 1u);
}

TEST_F(DeliveryTest, PausesAStorageWhoseErrorTimeDoesNotMend) {
  open();
  script_.fail(1'000'000, Errc::refused);

  accept({"a"});
  script_.wait_for_attempts(1);
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_EQ(delivery_->state().storages[0].writer.circuit, Circuit::paused);
  EXPECT_EQ(account().in_flight, 1u);
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

TEST_F(DeliveryTest, OpensLaterAStorageThatWasGoneAtTheStart) {
  auto gone = scripted_storage("main", script_);
  gone.database.reset();
  gone.problem = "connection refused";
  std::vector<StorageSpec> storages;
  storages.push_back(std::move(gone));
  open(std::move(storages));
  EXPECT_EQ(delivery_->state().storages[0].writer.problem, "connection refused");

  accept({"a"});
  script_.wait_for_stored(1);
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a"));
  EXPECT_THAT(delivery_->state().storages[0].writer.problem, IsEmpty());
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

TEST_F(DeliveryTest, KeepsAsideWhatTheStorageRejects) {
  open();
  script_.reject("b");

  accept({"a", "b", "c"});
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "c"));
  EXPECT_EQ(account().stored, 2u);
  EXPECT_EQ(account().rejected, 1u);
  ASSERT_THAT(letters(), SizeIs(1));
  EXPECT_EQ(letters()[0].reason, "conflict");
  EXPECT_EQ(letters()[0].stage, "storage:main");
}

TEST_F(DeliveryTest, FindsTheRecordsThatFailAWholeBatch) {
  open();
  script_.hold();
  script_.choke_on("c");
  script_.choke_on("f");
  accept({"a"});
  script_.wait_for_attempts(1);
  accept({"b", "c", "d", "e", "f", "g"});
  script_.release();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "b", "d", "e", "g"));
  EXPECT_EQ(account().stored, 5u);
  EXPECT_EQ(account().rejected, 2u);
  ASSERT_THAT(letters(), SizeIs(2));
  EXPECT_EQ(letters()[0].reason, "unstorable");
  EXPECT_THAT(letters()[0].detail, HasSubstr("a number out of bounds"));
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

TEST_F(DeliveryTest, DoesNotBeginAnotherBatchAfterItsDeadline) {
  open(1);
  script_.hold();
  accept({"a"});
  script_.wait_for_attempts(1);
  accept({"b", "c"});

  EXPECT_FALSE(delivery_->stop(at_once()));  // the write does not return
  script_.release();
  script_.wait_for_stored(1);
  while (!delivery_->stop(at_once())) {
  }

  EXPECT_THAT(script_.stored(), ElementsAre("a"));
  EXPECT_EQ(account().in_flight, 2u);
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

TEST_F(DeliveryTest, StoresTheStatusOfPlugins) {
  open();
  PluginStatus status;
  status.plugin_id = "zoo.scripted";

  delivery_->update_status({status});
  ASSERT_TRUE(delivery_->stop(late()));

  ASSERT_THAT(script_.status(), SizeIs(1));
  EXPECT_EQ(script_.status()[0].plugin_id, "zoo.scripted");
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
