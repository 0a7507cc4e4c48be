// What happens at the bounds, by policy.
#include <gtest/gtest.h>

#include "db/spool/simulated_disk.hpp"
#include "db/spool/spool_fixture.hpp"

namespace unity {
namespace {

using db::FullPolicy;
using db::spool::open_on;
using test::entry_of;
using test::read_all;

db::SpoolConfig small(FullPolicy policy) {
  auto config = test::spool_config();
  config.max_bytes = std::uint64_t{16} << 10;
  config.when_full = policy;
  return config;
}

// Appends entries of one record until one is not taken, or `count` are; gives the number taken.
std::uint64_t append_until_full(db::Spool& spool, std::uint64_t count, std::uint64_t first = 0) {
  for (std::uint64_t n = 0; n < count; ++n) {
    const auto entry = entry_of(first + n, 1);
    const auto done = spool.append({&entry, 1});
    if (!done || done->accepted == 0) return n;
    EXPECT_LE(spool.state().bytes, spool.state().max_bytes);
  }
  return count;
}

TEST(SpoolFull, BlockTakesNothingUntilThereIsRoom) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, small(FullPolicy::block));

  const auto taken = append_until_full(**spool, 10'000);

  ASSERT_LT(taken, 10'000U);
  EXPECT_TRUE((*spool)->state().full);
  EXPECT_NE((*spool)->state().problem.find("max_bytes"), std::string::npos);
  const auto entry = entry_of(0, 1);
  EXPECT_EQ((*spool)->append({&entry, 1}).error().code, Errc::unavailable);
  EXPECT_EQ(read_all((*spool)->consumer("main"), true).size(), taken);
  EXPECT_TRUE((*spool)->append({&entry, 1}));
  EXPECT_FALSE((*spool)->state().full);
  EXPECT_TRUE((*spool)->state().problem.empty());
}

TEST(SpoolFull, DropOldestLosesTheOldestAndCountsThem) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, small(FullPolicy::drop_oldest));
  auto& consumer = (*spool)->consumer("main");
  db::SpoolBatch batch;
  ASSERT_TRUE(append_until_full(**spool, 5) == 5 && consumer.read(2, batch));

  ASSERT_EQ(append_until_full(**spool, 1000, 5), 1000U);

  const auto left = read_all(consumer);
  const auto losses = (*spool)->state().consumers[0].losses;
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].reason, "spool_full");
  EXPECT_EQ(2 + losses[0].records + left.size(), 1005U);
  EXPECT_EQ(left.back(), 1004U);
  // What was read before, and not acknowledged, is still in flight.
  const auto state = (*spool)->state().consumers[0];
  EXPECT_EQ(state.waiting.records, 2 + left.size());
  EXPECT_EQ(state.waiting.emitted + test::lost_by(**spool, "main").emitted,
            (*spool)->end().emitted);
  // After a rewind it cannot come again: two more are lost, and no other is counted twice.
  consumer.rewind();
  EXPECT_EQ(read_all(consumer), left);
  const auto more = (*spool)->state().consumers[0].losses;
  ASSERT_EQ(more.size(), 1U);
  EXPECT_EQ(more[0].reason, "spool_full");
  EXPECT_EQ(more[0].records, losses[0].records + 2U);
}

TEST(SpoolFull, RejectDropsTheNewOnesAndCountsThem) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, small(FullPolicy::reject));
  const auto taken = append_until_full(**spool, 10'000);
  std::vector<db::EncodedEntry> more;
  for (std::uint64_t n = 0; n < 4; ++n) more.push_back(entry_of(n, 2));

  const auto done = (*spool)->append(more);

  ASSERT_TRUE(done);
  EXPECT_EQ(done->accepted, 0U);
  EXPECT_EQ(done->rejected, 4U);
  EXPECT_EQ((*spool)->state().rejected, 9U);  // and the one that found it full
  EXPECT_EQ((*spool)->end().records, taken);
}

TEST(SpoolFull, TheDiskKeepsItsFreeBytes) {
  test::SimulatedDisk disk;
  auto config = small(FullPolicy::block);
  config.min_free_bytes = 1'000'000;
  auto spool = open_on(disk, config);
  disk.free = 1'000'100;

  const auto entry = entry_of(0, 1);
  const auto refused = (*spool)->append({&entry, 1});

  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("min_free_bytes"), std::string::npos);
  disk.free = 2'000'000;
  EXPECT_TRUE((*spool)->append({&entry, 1}));
}

TEST(SpoolFull, AGroupLargerThanTheRoomIsTakenInPart) {
  test::SimulatedDisk disk;
  auto spool = open_on(disk, small(FullPolicy::block));
  std::vector<db::EncodedEntry> entries;
  for (std::uint64_t n = 0; n < 1000; ++n) entries.push_back(entry_of(n, 1));

  const auto done = (*spool)->append(entries);

  ASSERT_TRUE(done);
  EXPECT_GT(done->accepted, 0U);
  EXPECT_LT(done->accepted, 1000U);
  EXPECT_EQ(done->rejected, 0U);
  EXPECT_FALSE(done->problem.empty());
  EXPECT_EQ(read_all((*spool)->consumer("main")).size(), done->accepted);
}

}  // namespace
}  // namespace unity
