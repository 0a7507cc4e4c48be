#include "delivery/storage_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/delivery/delivery_fixture.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using StorageWriterTest = DeliveryTest;

TEST_F(StorageWriterTest, GathersBatchesWhileTheWriterIsBusy) {
  open(2);
  script_.hold();
  accept({"a"});
  script_.wait_for_attempts(1);

  accept({"b", "c", "d", "e", "f"});
  script_.release();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.batch_sizes(), ElementsAre(1, 2, 2, 1));
}

TEST_F(StorageWriterTest, ReadsTheNextFullBatchWhileOneIsWritten) {
  open(2);
  script_.hold();
  accept({"a", "b", "c", "d", "e"});
  script_.wait_for_attempts(1);

  disk_.wait_for_reads(2);
  script_.release();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.batch_sizes(), ElementsAre(2, 2, 1));
  EXPECT_THAT(script_.stored(), ElementsAre("a", "b", "c", "d", "e"));
}

TEST_F(StorageWriterTest, WhatWasReadAheadAndNotWrittenComesAtTheNextStart) {
  open(2);
  script_.fail(1'000'000);
  accept({"a", "b", "c", "d"});
  disk_.wait_for_reads(2);
  ASSERT_TRUE(delivery_->stop(at_once()));
  EXPECT_EQ(account().in_flight, 4u);
  delivery_.reset();

  script_.fail(0);
  open(2);
  script_.wait_for_stored(4);
  EXPECT_THAT(script_.stored(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(StorageWriterTest, WaitsForAFullBatchForAsLongAsItIsTold) {
  open(lingering(3, std::chrono::hours(1)));

  for (const auto* metric : {"a", "b", "c", "d"}) accept({metric});
  script_.wait_for_stored(3);
  EXPECT_THAT(script_.batch_sizes(), ElementsAre(3));
  ASSERT_TRUE(delivery_->stop(late()));  // what is left does not wait then

  EXPECT_THAT(script_.batch_sizes(), ElementsAre(3, 1));
}

TEST_F(StorageWriterTest, WritesABatchThatIsNotFullWhenItsOldestRecordHasWaited) {
  open(lingering(1000, std::chrono::milliseconds(1)));

  accept({"a"});
  script_.wait_for_stored(1);

  EXPECT_THAT(script_.stored(), ElementsAre("a"));
}

TEST_F(StorageWriterTest, LetsNoBacklogOfAnEarlierStartWait) {
  script_.fail(1'000'000);
  open();
  accept({"a"});
  script_.wait_for_attempts(1);
  ASSERT_TRUE(delivery_->stop(at_once()));
  delivery_.reset();
  script_.fail(0);

  open(lingering(1000, std::chrono::hours(1)));
  script_.wait_for_stored(1);

  EXPECT_THAT(script_.stored(), ElementsAre("a"));
}

TEST_F(StorageWriterTest, WritesNothingBeforeWhatRecordsNeedIsThere) {
  script_.fail(1'000'000);
  open();
  accept({"a"});
  script_.wait_for_attempts(1);
  ASSERT_TRUE(delivery_->stop(at_once()));
  delivery_.reset();
  script_.fail(0);
  const auto before = script_.calls().size();

  script_.fail_declarations(1);
  auto storages = lingering(100, {});
  storages.back().datasets.emplace_back().name = "things";
  open(std::move(storages));  // with a record in the spool
  script_.wait_for_stored(1);

  auto calls = script_.calls();
  calls.erase(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(before));
  EXPECT_THAT(calls, ElementsAre("declare", "declare", "write"));

  script_.fail_registrations(1);
  delivery_->register_plugins({PluginInfo()});
  script_.wait_for_calls(calls.size() + before + 1);
  accept({"b"});
  script_.wait_for_stored(2);
  calls = script_.calls();
  EXPECT_THAT(std::vector(calls.end() - 3, calls.end()),
              ElementsAre("register", "register", "write"));
}

TEST_F(StorageWriterTest, RepeatsAFailedWriteInOrderAndWithoutLossOrDouble) {
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

TEST_F(StorageWriterTest, SaysWhyNothingIsStoredAndWhenItIsTriedAgain) {
  open();
  script_.fail(1'000'000);

  accept({"a"});
  script_.wait_for_attempts(2);  // the first has been taken note of

  const auto writer = delivery_->state().storages[0].writer;
  EXPECT_EQ(writer.problem, "the disk is full");
  EXPECT_TRUE(writer.next_try);
  EXPECT_EQ(account().in_flight, 1u);
}

TEST_F(StorageWriterTest, PausesAStorageWhoseErrorTimeDoesNotMend) {
  open();
  script_.fail(1'000'000, Errc::refused);

  accept({"a"});
  script_.wait_for_attempts(1);
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_EQ(delivery_->state().storages[0].writer.circuit, Circuit::paused);
  EXPECT_EQ(account().in_flight, 1u);
}

TEST_F(StorageWriterTest, OpensLaterAStorageThatWasGoneAtTheStart) {
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

TEST_F(StorageWriterTest, KeepsAsideWhatTheStorageRejects) {
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

TEST_F(StorageWriterTest, FindsTheRecordsThatFailAWholeBatch) {
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

TEST_F(StorageWriterTest, DoesNotBeginAnotherBatchAfterItsDeadline) {
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

TEST_F(StorageWriterTest, StoresTheStatusOfPlugins) {
  open();
  PluginStatus status;
  status.plugin_id = "zoo.scripted";

  delivery_->update_status({status});
  ASSERT_TRUE(delivery_->stop(late()));

  ASSERT_THAT(script_.status(), SizeIs(1));
  EXPECT_EQ(script_.status()[0].plugin_id, "zoo.scripted");
}

TEST_F(StorageWriterTest, HoldsUpNobodyWhileTheDiskStallsOnItsCursor) {
  open();
  disk_.hold();
  accept({"a"});
  disk_.wait_for_writer();

  EXPECT_EQ(account().stored, 1u);
  EXPECT_EQ(account().in_flight, 0u);
  accept({"b"});

  EXPECT_EQ(account().in_flight, 1u);
  EXPECT_TRUE(account().balanced());
}

}  // namespace
}  // namespace unity::host
