#include "unity/db/spool.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "db/spool/simulated_disk.hpp"
#include "db/spool/spool_fixture.hpp"

namespace unity {
namespace {

using db::spool::open_on;
using test::entry_of;
using test::read_all;
using test::spool_config;

std::vector<std::uint64_t> upto(std::uint64_t end, std::uint64_t begin = 0) {
  std::vector<std::uint64_t> numbers(end - begin);
  std::iota(numbers.begin(), numbers.end(), begin);
  return numbers;
}

// Appends records first..end in entries of three.
void fill(db::Spool& spool, std::uint64_t end, std::uint64_t first = 0) {
  for (auto n = first; n < end; n += 3) {
    const auto entry = entry_of(n, std::min<std::uint64_t>(3, end - n));
    const auto done = spool.append({&entry, 1});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(done->accepted, 1U);
  }
}

TEST(Spool, GivesEachConsumerWhatWasAppendedInOrder) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, spool_config({{"a", true}, {"b", false}}));
  ASSERT_TRUE(spool) << spool.error().message;

  fill(**spool, 100);

  EXPECT_EQ(read_all((*spool)->consumer("a")), upto(100));
  EXPECT_EQ(read_all((*spool)->consumer("b"), false, 1), upto(100));
  EXPECT_EQ((*spool)->end(), (db::SpoolPosition{100, 80}));
}

TEST(Spool, ContinuesInsideAnEntryAfterARestart) {
  test::SimulatedDisk disk;
  {
    auto spool = open_on(disk, spool_config());
    fill(**spool, 99);
    db::SpoolBatch batch;
    ASSERT_TRUE((*spool)->consumer("main").read(50, batch));
    ASSERT_EQ(batch.end, (db::SpoolPosition{50, 40}));
    ASSERT_TRUE((*spool)->consumer("main").ack(batch.end));
  }

  auto spool = open_on(disk, spool_config());

  ASSERT_TRUE(spool);
  EXPECT_TRUE((*spool)->recovery().notes.empty());
  EXPECT_EQ((*spool)->state().consumers[0].waiting, (db::SpoolPosition{49, 39}));
  EXPECT_EQ(read_all((*spool)->consumer("main")), upto(99, 50));
}

// One run of `count` records, so many of which at a time are of one frame.
db::EncodedEntry frames_of(std::size_t in_frame, std::size_t count) {
  db::SpoolEntry entry;
  entry.instance = "disk";
  for (std::size_t n = 0; n < count; ++n) {
    entry.records.push_back(test::record("metric",
                                         test::at(static_cast<std::int64_t>(n / in_frame)),
                                         {test::field("number", n, Kind::gauge, "1")}));
  }
  auto encoded = db::encode_entry(entry);
  EXPECT_TRUE(encoded);
  return std::move(encoded->front());
}

// The numbers of the next batch.
std::vector<std::uint64_t> next_of(db::SpoolConsumer& consumer, std::size_t records_max) {
  db::SpoolBatch batch;
  const auto more = consumer.read(records_max, batch);
  EXPECT_TRUE(more) << more.error().message;
  EXPECT_EQ(batch.end.records, batch.first + batch.records.size());
  std::vector<std::uint64_t> numbers;
  for (const auto& one : batch.records) {
    numbers.push_back(std::get<std::uint64_t>(one.fields[0].value));
  }
  return numbers;
}

TEST(Spool, ABatchDoesNotEndWithinAFrame) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, spool_config());
  const auto entry = frames_of(5, 43);
  ASSERT_TRUE((*spool)->append({&entry, 1}));
  auto& consumer = (*spool)->consumer("main");

  EXPECT_EQ(next_of(consumer, 7), upto(10));
  EXPECT_EQ(next_of(consumer, 5), upto(15, 10));
  consumer.rewind();  // with the first record of the next frame decoded
  EXPECT_EQ(next_of(consumer, 12), upto(15));
  EXPECT_EQ(next_of(consumer, 1), upto(17, 15)) << "at most twice as many as wanted";
  EXPECT_EQ(next_of(consumer, 24), upto(43, 17)) << "the last frame has three";
  EXPECT_TRUE(next_of(consumer, 7).empty());
}

TEST(Spool, WhatWasDroppedIsNotDeliveredThoughItsFirstRecordWasReadAhead) {
  test::SimulatedDisk disk;
  auto config = spool_config();
  config.max_bytes = std::uint64_t{16} << 10;
  config.when_full = db::FullPolicy::drop_oldest;
  auto spool = open_on(disk, config);
  ASSERT_TRUE(spool) << spool.error().message;
  const auto entry = frames_of(5, 45);
  const auto append = [&] { ASSERT_TRUE((*spool)->append({&entry, 1})); };
  append();
  auto& consumer = (*spool)->consumer("main");
  ASSERT_EQ(next_of(consumer, 5), upto(5));

  while ((*spool)->state().consumers[0].losses.empty()) append();

  db::SpoolBatch batch;
  ASSERT_TRUE(consumer.read(5, batch));
  EXPECT_EQ(batch.first % 45, 0U) << "a segment begins with an entry";
  EXPECT_GE(batch.first, 45U);
  EXPECT_EQ(std::get<std::uint64_t>(batch.records.front().fields[0].value), 0U);
}

TEST(Spool, DeletesSegmentsOnceAllRequiredConsumersArePastThem) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, spool_config({{"a", true}, {"b", true}, {"late", false}}));
  fill(**spool, 200);
  const auto before = (*spool)->state();

  read_all((*spool)->consumer("a"), true);
  EXPECT_EQ((*spool)->state().segments, before.segments);
  read_all((*spool)->consumer("b"), true);

  const auto after = (*spool)->state();
  EXPECT_EQ(after.segments, 1U);
  EXPECT_LT(after.bytes, before.bytes / 4);
  // The optional one lost what had to go, and says how much; the rest it gets.
  const auto left = read_all((*spool)->consumer("late"));
  const auto losses = (*spool)->state().consumers.at(2).losses;
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].reason, "lagging");
  EXPECT_EQ(losses[0].records + left.size(), 200U);
  EXPECT_EQ(left, upto(200, 200 - left.size()));
}

TEST(Spool, ReadsAgainWhatWasNotAcknowledgedAfterARewind) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, spool_config());
  fill(**spool, 60);
  auto& consumer = (*spool)->consumer("main");
  db::SpoolBatch batch;
  ASSERT_TRUE(consumer.read(10, batch));
  ASSERT_TRUE(consumer.ack(batch.end));
  read_all(consumer);

  consumer.rewind();

  EXPECT_EQ(read_all(consumer), upto(60, 10));
}

// Otherwise the cursor in the file could stand before what is gone, which a crash would show.
TEST(Spool, KeepsSegmentsThatAreSettledUntilTheCursorFileSaysSo) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, spool_config({{"a", true}, {"b", true}}));
  fill(**spool, 100);
  auto& slow = (*spool)->consumer("a");
  db::SpoolBatch batch;
  ASSERT_TRUE(slow.read(100, batch));
  ASSERT_TRUE(slow.settle(batch.end));
  EXPECT_EQ((*spool)->state().consumers[0].waiting, (db::SpoolPosition{0, 0}));
  const auto segments = (*spool)->state().segments;
  ASSERT_GT(segments, 1U);

  read_all((*spool)->consumer("b"), true);
  EXPECT_EQ((*spool)->state().segments, segments);

  ASSERT_TRUE(slow.ack(batch.end));
  EXPECT_EQ((*spool)->state().segments, 1U);
}

TEST(Spool, GivesAgainAfterAKillWhatWasSettledAndNotAcknowledged) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, spool_config());
  fill(**spool, 60);
  auto& consumer = (*spool)->consumer("main");
  db::SpoolBatch batch;
  ASSERT_TRUE(consumer.read(10, batch));
  ASSERT_TRUE(consumer.ack(batch.end));
  ASSERT_TRUE(consumer.read(10, batch));
  ASSERT_TRUE(consumer.settle(batch.end));
  spool->reset();
  disk.kill();

  spool = open_on(disk, spool_config());

  EXPECT_EQ(read_all((*spool)->consumer("main")), upto(60, 10));
}

TEST(Spool, RefusesAnAcknowledgementOfWhatWasNotRead) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, spool_config());
  fill(**spool, 3);

  const auto acked = (*spool)->consumer("main").ack({3, 2});

  ASSERT_FALSE(acked);
  EXPECT_EQ(acked.error().code, Errc::invalid);
}

TEST(Spool, RefusesASecondOwner) {
  test::SimulatedDisk disk;
  auto first = open_on(disk, spool_config());

  const auto second = open_on(disk, spool_config());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::refused);
  first->reset();
  EXPECT_TRUE(open_on(disk, spool_config()));
}

TEST(Spool, NeverUsesANumberTwiceEvenIfAllSegmentsAreGone) {
  test::SimulatedDisk disk;
  {
    auto spool = open_on(disk, spool_config());
    fill(**spool, 30);
    read_all((*spool)->consumer("main"), true);
  }
  for (const auto& name : disk.names()) {
    if (name.ends_with(".seg")) disk.remove(name);
  }

  auto spool = open_on(disk, spool_config());
  fill(**spool, 33, 30);

  db::SpoolBatch batch;
  ASSERT_TRUE((*spool)->consumer("main").read(10, batch));
  EXPECT_EQ(batch.first, 30U);
  EXPECT_TRUE((*spool)->state().consumers.at(0).losses.empty());
}

}  // namespace
}  // namespace unity
