#include "unity/core/engine/batcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/support/records.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant kStart{std::chrono::hours(1)};

std::vector<Record> some(std::initializer_list<const char*> names) {
  std::vector<Record> records;
  for (const auto* name : names) records.push_back(make_record(name, {}));
  return records;
}

std::vector<std::string> names(const std::vector<Record>& batch) {
  std::vector<std::string> result;
  for (const auto& record : batch) result.push_back(record.metric);
  return result;
}

TEST(Batcher, GivesAnIdleWriterWhatThereIsAtOnce) {
  Batcher batcher({.batch_size = 100});

  EXPECT_EQ(batcher.add(some({"a", "b"}), kStart), 2u);

  EXPECT_THAT(names(batcher.take()), ElementsAre("a", "b"));
  EXPECT_TRUE(batcher.empty());
  EXPECT_THAT(batcher.take(), IsEmpty());
}

TEST(Batcher, GathersWhileAWriteIsInFlightUpToTheBatchSize) {
  Batcher batcher({.batch_size = 3});
  batcher.add(some({"a", "b"}), kStart);
  batcher.add(some({"c", "d", "e", "f", "g"}), kStart);

  EXPECT_EQ(batcher.waiting(), 7u);
  EXPECT_THAT(names(batcher.take()), ElementsAre("a", "b", "c"));
  EXPECT_THAT(names(batcher.take()), ElementsAre("d", "e", "f"));
  EXPECT_THAT(names(batcher.take()), ElementsAre("g"));
  EXPECT_EQ(batcher.waiting(), 0u);
}

TEST(Batcher, BeginsAnotherBatchWhenTheOldestRecordHasWaitedLongEnough) {
  Batcher batcher({.batch_size = 100, .batch_timeout = 5s});
  batcher.add(some({"a"}), kStart);
  batcher.add(some({"b"}), kStart + 4999ms);
  batcher.add(some({"c"}), kStart + 5s);

  EXPECT_THAT(names(batcher.take()), ElementsAre("a", "b"));
  EXPECT_THAT(names(batcher.take()), ElementsAre("c"));
}

TEST(Batcher, TakesNoMoreThanItHasRoomFor) {
  Batcher batcher({.batch_size = 2, .records_max = 3});

  EXPECT_EQ(batcher.add(some({"a", "b"}), kStart), 2u);
  EXPECT_EQ(batcher.add(some({"c", "d", "e"}), kStart), 1u);
  EXPECT_EQ(batcher.add(some({"f"}), kStart), 0u);

  EXPECT_EQ(batcher.waiting(), 3u);
  batcher.take();
  EXPECT_EQ(batcher.add(some({"g", "h", "i"}), kStart), 2u);
}

TEST(Batcher, PutsAFailedBatchBackInFrontOfAllOthers) {
  Batcher batcher({.batch_size = 2, .records_max = 4});
  batcher.add(some({"a", "b", "c", "d"}), kStart);
  auto failed = batcher.take();
  batcher.add(some({"e", "f"}), kStart);

  batcher.put_back(std::move(failed));

  EXPECT_EQ(batcher.waiting(), 6u);  // past the bound, by this batch
  EXPECT_EQ(batcher.add(some({"g"}), kStart), 0u);
  EXPECT_THAT(names(batcher.take()), ElementsAre("a", "b"));
  EXPECT_THAT(names(batcher.take()), ElementsAre("c", "d"));
  EXPECT_THAT(names(batcher.take()), ElementsAre("e", "f"));
}

TEST(Batcher, AnEmptyBatchPutBackDoesNotHideWhatWaits) {
  Batcher batcher({});
  batcher.add(some({"a"}), kStart);

  batcher.put_back({});

  EXPECT_THAT(names(batcher.take()), ElementsAre("a"));
}

}  // namespace
}  // namespace unity
