#include "runtime/delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/runtime/scripted_database.hpp"
#include "support/temp_dir.hpp"
#include "unity/core/json/stored_record.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// No test depends on how long this is, unless the writer hangs.
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

PipelineOutput output(const std::vector<std::string>& metrics) {
  PipelineOutput out;
  out.collected = metrics.size();
  for (const auto& metric : metrics) out.records.push_back(record(metric));
  return out;
}

class DeliveryTest : public testing::Test {
 protected:
  void open(const BatchLimits& limits = {}) {
    delivery_ = std::make_unique<Delivery>(limits, std::make_unique<ScriptedDatabase>(script_),
                                           open_letters());
  }
  db::DeadLetters open_letters() const {
    auto opened = db::DeadLetters::open(letters_file_);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  // The newest.
  db::DeadLetter letter() const {
    auto letters = open_letters();
    const auto found = letters.list({}, 1);
    if (!found || found->empty()) throw std::runtime_error("there is no dead letter");
    return *letters.get(found->front().id);
  }
  void accept(const std::vector<std::string>& metrics) { delivery_->accept(output(metrics), {}); }
  Accounting account() const { return delivery_->state().accounting; }
  void TearDown() override {
    script_.release();
    if (delivery_) {
      EXPECT_TRUE(account().balanced());
    }
  }

  test::TempDir temp_;
  std::filesystem::path letters_file_ = temp_ / "dead-letters.db";
  StorageScript script_;
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

TEST_F(DeliveryTest, CountsWhatWaitsAsInFlight) {
  open();
  script_.hold();

  accept({"a"});
  script_.wait_for_attempts(1);
  accept({"b", "c"});

  EXPECT_EQ(account().in_flight, 3u);
  EXPECT_EQ(account().stored, 0u);
  EXPECT_TRUE(account().balanced());
  script_.release();
  ASSERT_TRUE(delivery_->stop(late()));
  EXPECT_EQ(account().stored, 3u);
}

TEST_F(DeliveryTest, GathersBatchesWhileTheWriterIsBusy) {
  open({2, 1h, 100});
  script_.hold();
  accept({"a"});
  script_.wait_for_attempts(1);

  accept({"b", "c", "d", "e", "f"});
  script_.release();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.batch_sizes(), ElementsAre(1, 2, 2, 1));
}

TEST_F(DeliveryTest, RepeatsAFailedWriteInOrderAndWithoutLossOrDouble) {
  open({2, 1h, 100});
  script_.fail(2);

  accept({"a"});
  script_.wait_for_attempts(1);
  accept({"b", "c", "d"});
  script_.wait_for_stored(4);
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(account().stored, 4u);
  EXPECT_EQ(account().dropped(), 0u);
  EXPECT_THAT(delivery_->state().problem, IsEmpty());
}

TEST_F(DeliveryTest, SaysWhyNothingIsStored) {
  open();
  script_.fail(1'000'000);

  accept({"a"});
  script_.wait_for_attempts(2);  // the first has been taken note of

  EXPECT_EQ(delivery_->state().problem, "the disk is full");
  EXPECT_EQ(account().in_flight, 1u);
  EXPECT_TRUE(account().balanced());
  ASSERT_TRUE(delivery_->stop(at_once()));
}

TEST_F(DeliveryTest, DropsWhatIsBeyondItsBound) {
  open({10, 1h, 3});
  script_.hold();
  accept({"a"});
  script_.wait_for_attempts(1);  // no longer waits

  accept({"b", "c", "d", "e", "f"});

  EXPECT_THAT(account().dropped_by, ElementsAre(Pair("storage_full", 2)));
  EXPECT_TRUE(account().balanced());
  script_.release();
  ASSERT_TRUE(delivery_->stop(late()));
  EXPECT_THAT(script_.stored(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(account().stored, 4u);
}

TEST_F(DeliveryTest, LosesNothingToTheBoundThatItHadTakenBefore) {
  open({1, 1h, 2});
  script_.hold();
  script_.fail(1);
  accept({"a"});
  script_.wait_for_attempts(1);
  accept({"b", "c"});  // full, and "a" comes back

  script_.release();
  script_.wait_for_stored(3);
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(account().dropped(), 0u);
}

TEST_F(DeliveryTest, CountsWhatThePipelineDroppedAndRejected) {
  open();
  auto out = output({"a"});
  out.collected = 4;
  out.dropped_by["first of a rate"] = 2;
  out.rejected.push_back({"unreadable", "not JSON", "{oops"});

  delivery_->accept(std::move(out), {});
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_EQ(account().collected, 4u);
  EXPECT_EQ(account().stored, 1u);
  EXPECT_EQ(account().rejected, 1u);
  EXPECT_EQ(account().dropped(), 2u);
  EXPECT_EQ(letter().payload, "{oops");
}

TEST_F(DeliveryTest, KeepsAsideWhatTheStorageRejects) {
  open();
  script_.reject("b");

  accept({"a", "b", "c"});
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "c"));
  EXPECT_EQ(account().stored, 2u);
  EXPECT_EQ(account().rejected, 1u);
  EXPECT_EQ(letter().reason, "conflict");
  EXPECT_EQ(letter().stage, "storage:main");
  EXPECT_EQ(letter().instance, "a");
  EXPECT_EQ(letter().metric, "b");
  const auto payload = json::read_payload(letter().payload);
  ASSERT_TRUE(payload);
  EXPECT_TRUE(payload->processed);
  EXPECT_EQ(payload->record.time, Time(1s));
}

TEST_F(DeliveryTest, RejectsTheOneRecordThatFailsAWholeBatch) {
  open();
  script_.hold();
  script_.choke_on("c");
  accept({"a"});
  script_.wait_for_attempts(1);
  accept({"b", "c", "d"});
  script_.release();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "b", "d"));
  EXPECT_EQ(account().stored, 3u);
  EXPECT_EQ(account().rejected, 1u);
  EXPECT_EQ(letter().reason, "unstorable");
  EXPECT_THAT(letter().detail, HasSubstr("a number out of bounds"));
}

TEST_F(DeliveryTest, CountsRejectedRecordsEvenIfTheyCannotBeKept) {
  open();
  std::filesystem::remove(letters_file_);
  std::filesystem::create_directory(letters_file_);
  script_.reject("a");

  accept({"a"});
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_EQ(account().rejected, 1u);
}

TEST_F(DeliveryTest, CountsTheHostsOwnRecordsApart) {
  open();
  script_.reject("own");

  delivery_->accept(output({"a"}), {record("own", true), record("other", true)});
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a", "other"));
  EXPECT_EQ(account().collected, 1u);
  EXPECT_EQ(account().stored, 1u);
  EXPECT_EQ(account().rejected, 0u);
  EXPECT_EQ(account().host_made, 2u);
}

TEST_F(DeliveryTest, DropsAtItsEndWhatTheStorageDoesNotTake) {
  open();
  script_.fail(1'000'000);
  accept({"a", "b"});
  script_.wait_for_attempts(1);

  ASSERT_TRUE(delivery_->stop(at_once()));

  EXPECT_THAT(account().dropped_by, ElementsAre(Pair("shutdown", 2)));
  EXPECT_EQ(account().in_flight, 0u);
}

TEST_F(DeliveryTest, TriesOnceMoreAtItsEndWhenAStorageHadFailed) {
  open();
  script_.fail(1);
  accept({"a"});
  script_.wait_for_attempts(1);

  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_THAT(script_.stored(), ElementsAre("a"));
  EXPECT_EQ(account().stored, 1u);
}

TEST_F(DeliveryTest, DoesNotBeginAnotherBatchAfterItsDeadline) {
  open({1, 1h, 100});
  script_.hold();
  accept({"a"});
  script_.wait_for_attempts(1);
  accept({"b", "c"});

  EXPECT_FALSE(delivery_->stop(at_once()));  // the write does not return
  script_.release();
  script_.wait_for_stored(1);
  delivery_->stop(at_once());

  EXPECT_THAT(script_.stored(), ElementsAre("a"));
  EXPECT_THAT(account().dropped_by, ElementsAre(Pair("shutdown", 2)));
}

TEST_F(DeliveryTest, SaysSoIfTheDatabaseHangs) {
  open();
  script_.hold();
  accept({"a"});
  script_.wait_for_attempts(1);

  EXPECT_FALSE(delivery_->stop(at_once()));
  EXPECT_EQ(account().in_flight, 1u);
}

TEST_F(DeliveryTest, TellsItsObserverOfEachCommit) {
  open();
  std::vector<std::string> seen;
  delivery_->on_stored([&](const std::vector<Record>& records) {
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
  open({7, 1ms, 50});
  std::vector<std::jthread> sources;
  for (int source = 0; source < 3; ++source) {
    sources.emplace_back([this] {
      for (int i = 0; i < 200; ++i) accept({"a", "b", "c", "d", "e"});
    });
  }
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(account().balanced());
  sources.clear();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_EQ(account().collected, 3000u);
  EXPECT_EQ(account().stored, script_.stored().size());
}

}  // namespace
}  // namespace unity::host
