// Which checkpoints count, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "host/delivery/delivery_fixture.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CheckpointTest : public DeliveryTest {
 protected:
  void open_watched() {
    open();
    delivery_->on_checkpoint([this](std::vector<db::Checkpoint> checkpoints) {
      const std::lock_guard lock(mutex_);
      for (const auto& one : checkpoints) {
        heard_.push_back(one.instance + " " + one.value + " @" + std::to_string(one.place));
      }
      spooled_then_ = delivery_->state().spool.end.records;
    });
  }
  static RunReport run_of(const std::string& instance, const std::vector<std::string>& metrics,
                          std::string checkpoint) {
    auto one = report(metrics);
    one.instance = instance;
    one.checkpoint = std::move(checkpoint);
    return one;
  }
  std::vector<std::string> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

  std::mutex mutex_;
  std::vector<std::string> heard_;
  std::uint64_t spooled_then_ = 0;
};

TEST_F(CheckpointTest, CountsBeforeItsRunIsToldAndAfterItsRecordsAreDurable) {
  open_watched();

  ASSERT_TRUE(accept(run_of("a", {"x", "y"}, "at 2")));

  EXPECT_THAT(heard(), ElementsAre("a at 2 @2"));
  EXPECT_EQ(spooled_then_, 2u);
}

TEST_F(CheckpointTest, IsFoundInTheSpoolByTheNextStart) {
  open_watched();
  ASSERT_TRUE(accept(run_of("a", {"x"}, "at 1")));
  ASSERT_TRUE(accept(run_of("a", {"y"}, "at 2")));
  delivery_.reset();

  spool_.folder = temp_ / "spool";
  spool_.consumers = {{"main", true}};
  const auto spool = db::open_spool(spool_);

  ASSERT_TRUE(spool);
  EXPECT_THAT((*spool)->recovery().checkpoints, ElementsAre(db::Checkpoint{"a", "at 2", 2}));
}

TEST_F(CheckpointTest, WithoutRecordsCountsAtItsPlaceInTheOrder) {
  open_watched();

  ASSERT_TRUE(accept(run_of("a", {"x"}, "at 1")));
  ASSERT_TRUE(accept(run_of("a", {}, "at 5")));

  EXPECT_THAT(heard(), ElementsAre("a at 1 @1", "a at 5 @1"));
  EXPECT_EQ(delivery_->state().spool.end.records, 1u);
}

TEST_F(CheckpointTest, OfARunThatSaysNothingOfItChangesNothing) {
  open_watched();

  ASSERT_TRUE(accept(run_of("a", {"x"}, "")));

  EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(CheckpointTest, IsTheNewestOfEachInstanceHoweverManyRunsAreInAGroup) {
  open_watched();
  std::promise<void> all;
  std::atomic<int> left = 60;
  for (int i = 0; i < 30; ++i) {
    for (const auto* instance : {"a", "b"}) {
      delivery_->accept(run_of(instance, {"x"}, std::to_string(i)), [&](Result<void> result) {
        EXPECT_TRUE(result);
        if (--left == 0) all.set_value();
      });
    }
  }
  all.get_future().wait();

  const auto lines = heard();
  std::map<std::string, std::vector<int>> by_instance;
  for (const auto& line : lines)
    by_instance[line.substr(0, 1)].push_back(std::stoi(line.substr(2)));
  for (const auto& [instance, numbers] : by_instance) {
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end())) << instance;
    EXPECT_EQ(numbers.back(), 29) << instance;
  }
  EXPECT_EQ(by_instance.size(), 2u);
}

TEST_F(CheckpointTest, OfARunThatTheSpoolRefusedDoesNotCount) {
  spool_.max_bytes = 1 << 20;
  spool_.segment_bytes = 256 << 10;
  spool_.when_full = db::FullPolicy::reject;
  open_watched();
  script_.hold();
  const std::vector<std::string> much(100, std::string(100, 'x'));

  Result<void> accepted;
  int taken = -1;
  for (int i = 0; i < 10'000 && accepted; ++i) {
    accepted = accept(run_of("a", much, std::to_string(i)));
    if (accepted) taken = i;
  }

  ASSERT_FALSE(accepted);
  ASSERT_GE(taken, 0);
  EXPECT_EQ(heard().back().substr(0, heard().back().find('@')), "a " + std::to_string(taken) + " ");
}

TEST_F(CheckpointTest, OfARunThatComesAfterTheEndDoesNotCount) {
  open_watched();
  ASSERT_TRUE(delivery_->stop(late()));

  EXPECT_FALSE(accept(run_of("a", {"x"}, "late")));
  EXPECT_FALSE(accept(run_of("a", {}, "later")));

  EXPECT_THAT(heard(), IsEmpty());
}

}  // namespace
}  // namespace unity::host
