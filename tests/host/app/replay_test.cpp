#include "app/replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "host/delivery/delivery_fixture.hpp"
#include "unity/core/json/stored_record.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::shared_ptr<const Origin> origin(const std::string& instance) {
  return std::make_shared<const Origin>(Origin{"box", "zoo.scripted", instance});
}

// A stage that takes its time over each record: until it is opened.
struct Gate {
  std::promise<void> reached;
  std::promise<void> opened;
};
class Gated : public Processor {
 public:
  explicit Gated(Gate& gate) : gate_(gate) {}
  Verdict process(Record&, const RunContext&) override {
    gate_.reached.set_value();
    gate_.opened.get_future().wait();
    return {};
  }

 private:
  Gate& gate_;
};

// The test's thread is the control thread while serve() lasts.
class ReplayTest : public DeliveryTest {
 protected:
  void SetUp() override { open(); }
  void TearDown() override {
    serve();
    DeliveryTest::TearDown();
  }

  db::DeadLetter letter(const std::string& instance, std::string payload) {
    db::DeadLetter one;
    one.time = Time(std::chrono::seconds(1));
    one.instance = instance;
    one.plugin = "zoo.scripted";
    one.payload = std::move(payload);
    return one;
  }
  db::DeadLetter refused_by_storage(const std::string& instance, const std::string& metric) {
    auto one = record(metric);
    one.origin = origin(instance);
    return letter(instance, json::to_stored_json(one));
  }
  db::DeadLetter refused_by_stage(const std::string& instance, const std::string& metric) {
    return letter(instance, R"({"metric":")" + metric + R"(","value":1})");
  }

  void begin(const std::vector<db::DeadLetter>& kept) {
    ASSERT_TRUE(delivery_->dead_letters().append(kept));
    ReplayRequest request;
    request.run = 6;
    for (const auto& one : letters()) request.letters.push_back(one.id);
    request.make_pipeline = [this](const std::string& instance) {
      pipeline_made_on_ = std::this_thread::get_id();
      std::vector<Pipeline::Stage> stages;
      stages.push_back({"gated", std::make_unique<Gated>(gate_)});
      return instance == "gone" ? nullptr
                                : std::make_unique<Pipeline>(origin(instance), std::move(stages));
    };
    request.done = [this](Result<ReplayOutcome> outcome) { outcome_ = std::move(outcome); };
    replay(*delivery_, loop_, pool_, std::move(request));
  }
  void serve() {
    while (!outcome_) loop_.context().run_one();
  }
  Accounting account_of(const std::string& instance) const {
    for (const auto& one : delivery_->state().instances) {
      if (one.instance == instance) return one.storages.at(0);
    }
    return {};
  }

  EventLoop loop_;
  Gate gate_;
  std::optional<std::thread::id> pipeline_made_on_;
  std::optional<Result<ReplayOutcome>> outcome_;
  WorkerPool pool_{1};
};

TEST_F(ReplayTest, BooksTheRecordsOfEachCollectorForItself) {
  begin({refused_by_storage("a", "one"), refused_by_storage("b", "two"),
         refused_by_storage("b", "three")});
  serve();
  ASSERT_TRUE(delivery_->stop(late()));

  ASSERT_TRUE(*outcome_);
  EXPECT_EQ((*outcome_)->replayed, 3u);
  EXPECT_THAT(script_.stored(), UnorderedElementsAre("one", "two", "three"));
  EXPECT_EQ(account_of("a").collected, 1u);
  EXPECT_EQ(account_of("a").stored, 1u);
  EXPECT_EQ(account_of("b").collected, 2u);
  EXPECT_EQ(account_of("b").stored, 2u);
  EXPECT_THAT(letters(), IsEmpty());
}

TEST_F(ReplayTest, KeepsTheLettersThatAreRefusedAgain) {
  begin({refused_by_storage("a", "one"), letter("a", "{oops"), refused_by_stage("gone", "two")});
  serve();

  ASSERT_TRUE(*outcome_);
  EXPECT_EQ((*outcome_)->replayed, 1u);
  EXPECT_THAT((*outcome_)->refused, SizeIs(2));
  EXPECT_THAT(letters(), SizeIs(2));
}

TEST_F(ReplayTest, LeavesTheControlThreadFreeWhileStagesWork) {
  begin({refused_by_stage("a", "one")});
  while (!pipeline_made_on_) loop_.context().run_one();
  EXPECT_EQ(*pipeline_made_on_, std::this_thread::get_id());
  gate_.reached.get_future().wait();

  bool served = false;
  loop_.post([&] { served = true; });
  loop_.context().poll();
  EXPECT_TRUE(served);
  EXPECT_FALSE(outcome_);

  gate_.opened.set_value();
  serve();
  ASSERT_TRUE(*outcome_);
  EXPECT_EQ((*outcome_)->replayed, 1u);
  ASSERT_TRUE(delivery_->stop(late()));
  EXPECT_THAT(script_.stored(), ElementsAre("one"));
}

}  // namespace
}  // namespace unity::host
