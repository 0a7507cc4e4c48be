// Checkpoints travel with the records that they speak of, and opening the spool finds them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "db/spool/simulated_disk.hpp"
#include "db/spool/spool_fixture.hpp"
#include "spool/codec.hpp"

namespace unity {
namespace {

using db::spool::open_on;
using test::numbered;
using test::spool_config;
using testing::ElementsAre;
using testing::IsEmpty;

// What a run of `instance` led to that emitted `count` records.
db::EncodedEntry entry_with(const std::string& instance, std::uint64_t first, std::uint64_t count,
                            const std::string& checkpoint) {
  db::SpoolEntry entry;
  entry.instance = instance;
  entry.checkpoint = checkpoint;
  for (auto n = first; n < first + count; ++n) entry.records.push_back(numbered(n));
  auto encoded = db::encode_entry(entry);
  EXPECT_TRUE(encoded);
  return std::move(encoded->front());
}

class SpoolCheckpoints : public testing::Test {
 protected:
  void open() {
    spool_.reset();
    auto opened = open_on(disk_, config_);
    ASSERT_TRUE(opened) << opened.error().message;
    spool_ = std::move(*opened);
  }
  void append(const std::vector<db::EncodedEntry>& entries) {
    const auto done = spool_->append(entries);
    ASSERT_TRUE(done);
    ASSERT_EQ(done->accepted, entries.size());
  }
  // "instance checkpoint @place"
  std::vector<std::string> found() {
    std::vector<std::string> lines;
    for (const auto& one : spool_->recovery().checkpoints) {
      lines.push_back(one.instance + " " + one.value + " @" + std::to_string(one.place));
    }
    return lines;
  }

  test::SimulatedDisk disk_;
  db::SpoolConfig config_ = spool_config();
  std::unique_ptr<db::Spool> spool_;
};

TEST_F(SpoolCheckpoints, AreFoundTheNewestOfEachInstance) {
  open();
  append({entry_with("a", 0, 2, "a at 2"), entry_with("b", 2, 1, "b at 1")});
  append({entry_with("a", 3, 1, "a at 3"), entry_with("b", 4, 1, "")});

  disk_.kill();
  open();

  EXPECT_THAT(found(), ElementsAre("a a at 3 @4", "b b at 1 @3"));
}

TEST_F(SpoolCheckpoints, MayHoldAnyBytes) {
  const std::string zeros(3, '\0');
  const std::string ones(3, '\1');
  open();
  append({entry_with("a", 0, 1, zeros), entry_with("b", 1, 1, ones), entry_with("c", 2, 1, "")});

  open();

  EXPECT_THAT(found(), ElementsAre("a " + zeros + " @1", "b " + ones + " @2"));
}

TEST_F(SpoolCheckpoints, OfRecordsThatAPowerCutTookAreNotFound) {
  // The second group is torn in all the ways a disk may tear it: a checkpoint is there exactly if
  // its records are.
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    disk_ = test::SimulatedDisk();
    open();
    append({entry_with("a", 0, 3, "first")});
    disk_.set_fault(test::SimulatedDisk::Fault::crash, 1 + seed % 2);
    const auto cut = entry_with("a", 3, 20, "second");
    (void)spool_->append({&cut, 1}).has_value();
    spool_.reset();
    std::mt19937_64 random(seed);
    disk_.restart(random);

    open();

    const auto end = spool_->end().records;
    ASSERT_TRUE(end == 3 || end == 23) << end;
    EXPECT_THAT(found(), ElementsAre(end == 3 ? "a first @3" : "a second @23")) << seed;
  }
}

TEST_F(SpoolCheckpoints, OfAGroupThatBeganInAnEarlierSegmentAreFoundIfTheStoreIsBehind) {
  config_.segment_bytes = 2048;
  open();
  append({entry_with("a", 0, 1, "stored")});
  const auto stored = spool_->end().records;
  // One group, the first part of which stays in the first segment.
  append({entry_with("b", 1, 100, "b"), entry_with("c", 101, 100, "c"),
          entry_with("d", 201, 100, "d")});
  ASSERT_GT(spool_->state().segments, 1u);

  open();
  EXPECT_THAT(found(), testing::Not(testing::Contains("b b @101")));

  config_.checkpoints_since = stored;
  open();
  EXPECT_THAT(found(), testing::IsSupersetOf({"b b @101", "c c @201", "d d @301"}));
}

TEST_F(SpoolCheckpoints, CostNothingWhereThereAreNone) {
  open();
  append({entry_with("a", 0, 5, "")});

  open();

  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(SpoolCheckpoints, GoWithTheLastPartOfALargeRun) {
  db::SpoolEntry entry;
  entry.instance = "a";
  entry.checkpoint = "end";
  for (int i = 0; i < 5; ++i) {
    entry.records.push_back(
        test::record("text", {}, {test::field("text", std::string(900'000, 'x'))}));
  }
  const auto parts = db::encode_entry(entry);
  ASSERT_TRUE(parts);
  ASSERT_GT(parts->size(), 1u);
  config_.max_bytes = std::uint64_t{64} << 20;
  config_.segment_bytes = std::uint64_t{16} << 20;
  open();
  append({parts->front()});
  open();
  EXPECT_THAT(found(), IsEmpty());

  append({parts->begin() + 1, parts->end()});
  open();

  EXPECT_THAT(found(), ElementsAre("a end @5"));
}

}  // namespace
}  // namespace unity
