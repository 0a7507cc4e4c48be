#include "delivery/read_ahead.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

namespace unity::host {
namespace {

// Endless: batch n has one record, whose sequence number is n. Every fifth attempt fails.
class Numbers final : public db::SpoolConsumer {
 public:
  Result<bool> read(std::size_t, db::SpoolBatch& batch) override {
    EXPECT_FALSE(reading_.exchange(true)) << "two at once";
    reading_.notify_all();
    if (held_.valid()) held_.wait();
    ++attempts_;
    Result<bool> read = true;
    if (attempts_ % 5 == 0) {
      read = Error{Errc::unavailable, "the disk does not answer"};
    } else {
      batch.first = next_++;
      batch.records.resize(1);
      batch.end.records = next_;
    }
    reading_ = false;
    return read;
  }
  void rewind() override {}
  Result<void> settle(const db::SpoolPosition&) override { return {}; }
  Result<void> ack(const db::SpoolPosition&) override { return {}; }
  db::SpoolPosition settled() const override { return {}; }

  void hold(std::shared_future<void> until) { held_ = std::move(until); }
  void wait_until_read() const { reading_.wait(false); }
  int attempts() const { return attempts_; }

 private:
  std::atomic<bool> reading_ = false;
  std::atomic<int> attempts_ = 0;
  std::uint64_t next_ = 0;
  std::shared_future<void> held_;
};

TEST(ReadAhead, GivesEachBatchOnceAndInOrderBegunOrNot) {
  Numbers numbers;
  ReadAhead reader(numbers, 1);
  db::SpoolBatch batch;
  std::uint64_t expected = 0;
  int failures = 0;
  for (int i = 0; i < 1000; ++i) {
    if (i % 3 != 0) reader.begin();
    if (i % 7 == 0) reader.begin();  // once more, which is nothing
    const auto read = reader.next(batch);
    if (!read) {
      ++failures;
      EXPECT_EQ(read.error().code, Errc::unavailable);
      continue;
    }
    EXPECT_EQ(batch.first, expected++);
  }
  EXPECT_EQ(numbers.attempts(), 1000);
  EXPECT_EQ(failures, 200);
}

TEST(ReadAhead, OnlyWhoStopsItOrWantsTheBatchWaitsForTheDisk) {
  for (const bool stops : {false, true}) {
    Numbers numbers;
    std::promise<void> disk;
    numbers.hold(disk.get_future());
    ReadAhead reader(numbers, 1);
    reader.begin();  // returns though the disk does not
    numbers.wait_until_read();
    db::SpoolBatch batch;
    auto waiting = std::async(std::launch::async, [&] {
      if (stops) return reader.stop();
      EXPECT_TRUE(reader.next(batch));
    });
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
    disk.set_value();
    waiting.get();
    EXPECT_EQ(numbers.attempts(), 1);
    EXPECT_EQ(batch.records.size(), stops ? 0u : 1u);
  }
}

}  // namespace
}  // namespace unity::host
