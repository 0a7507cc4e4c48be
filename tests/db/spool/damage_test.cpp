// Damaged and missing files: the spool opens, costs no more than what was hit, and counts it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "db/spool/simulated_disk.hpp"
#include "db/spool/spool_fixture.hpp"
#include "spool/format.hpp"

namespace unity {
namespace {

using db::spool::open_on;
using test::entry_of;
using test::read_all;
using test::SimulatedDisk;
using test::spool_config;

constexpr std::uint64_t kEntries = 15;
constexpr std::uint64_t kRecordsOfEntry = 3;
constexpr std::uint64_t kRecords = kEntries * kRecordsOfEntry;

// Three segments, of which one consumer has acknowledged a few records: one in each of two lives,
// as each life begins with the other of the cursor's files.
std::map<std::string, std::string> three_segments() {
  SimulatedDisk disk;
  auto spool = open_on(disk, spool_config());
  for (std::uint64_t n = 0; n < kRecords; n += kRecordsOfEntry) {
    const auto entry = entry_of(n, kRecordsOfEntry);
    EXPECT_TRUE((*spool)->append({&entry, 1}));
  }
  EXPECT_EQ((*spool)->state().segments, 3U);
  for (int life = 0; life < 2; ++life) {
    if (life > 0) {
      spool->reset();
      spool = open_on(disk, spool_config());
    }
    db::SpoolBatch batch;
    auto& consumer = (*spool)->consumer("main");
    EXPECT_TRUE(consumer.read(1, batch));
    EXPECT_TRUE(consumer.ack(batch.end));
  }
  return disk.copy();
}
constexpr std::uint64_t kAcked = 2;

void restore(SimulatedDisk& disk, const std::map<std::string, std::string>& files) {
  for (const auto& name : disk.names()) disk.remove(name);
  for (const auto& [name, content] : files) disk.put(name, content);
}

struct Outcome {
  std::vector<std::uint64_t> recovered;
  std::uint64_t lost = 0;
  std::uint64_t end = 0;
};

// Opens, reads everything, goes on; checks what must hold whatever was damaged.
Outcome open_and_read(SimulatedDisk& disk) {
  Outcome outcome;
  auto spool = open_on(disk, spool_config());
  EXPECT_TRUE(spool) << spool.error().message;
  if (!spool) return outcome;
  auto& consumer = (*spool)->consumer("main");
  outcome.end = (*spool)->end().records;
  outcome.recovered = read_all(consumer, false, 100);
  outcome.lost = test::lost_by(**spool, "main").records;
  for (std::size_t i = 0; i < outcome.recovered.size(); ++i) {
    EXPECT_LT(outcome.recovered[i], kRecords) << "an invented record";
    EXPECT_TRUE(i == 0 || outcome.recovered[i - 1] < outcome.recovered[i]) << "order";
  }
  const auto entry = entry_of(1000, 1);
  EXPECT_TRUE((*spool)->append({&entry, 1}));
  EXPECT_EQ(read_all(consumer), std::vector<std::uint64_t>{1000});
  const auto state = (*spool)->state();
  EXPECT_EQ(state.consumers[0].waiting.records + test::lost_by(**spool, "main").records +
                state.consumers[0].settled.records,
            state.end.records);
  return outcome;
}

TEST(SpoolDamage, AnySingleBitCostsAtMostOneEntryAndIsCounted) {
  const auto files = three_segments();
  const bool whole = std::getenv("UNITY_SPOOL_WHOLE") != nullptr;
  SimulatedDisk disk;
  for (const auto& [name, content] : files) {
    if (name.ends_with(db::spool::kLock)) continue;
    const bool cursor = name.find("cursor.") != std::string::npos;
    const auto bits = content.size() * 8;
    for (std::size_t bit = 0; bit < bits; bit += whole ? 1 : 37) {
      SCOPED_TRACE(testing::Message() << name << ", bit " << bit);
      restore(disk, files);
      disk.content(name)[bit / 8] ^= static_cast<char>(1 << bit % 8);

      const auto outcome = open_and_read(disk);

      const auto have = outcome.recovered.size();
      EXPECT_EQ(outcome.end, kRecords);
      if (cursor) {  // the other file has the position before
        EXPECT_GE(have, kRecords - kAcked);
      } else {
        EXPECT_EQ(have + outcome.lost, kRecords - kAcked);
        EXPECT_LE(outcome.lost, kRecordsOfEntry);
      }
      if (HasFailure()) return;
    }
  }
}

TEST(SpoolDamage, TruncationAtEveryLengthCostsOnlyWhatWasCutOff) {
  const auto files = three_segments();
  SimulatedDisk disk;
  for (const auto& [name, content] : files) {
    if (!name.ends_with(".seg")) continue;
    for (std::size_t size = 0; size < content.size(); ++size) {
      SCOPED_TRACE(testing::Message() << name << " cut to " << size);
      restore(disk, files);
      disk.content(name).resize(size);

      const auto outcome = open_and_read(disk);

      EXPECT_EQ(outcome.end, kRecords);
      EXPECT_EQ(outcome.recovered.size() + outcome.lost, kRecords - kAcked);
      // What lies in whole entries before the cut is there.
      const auto other = kRecords * 2 / 3 - kAcked - 2 * kRecordsOfEntry;
      EXPECT_GE(outcome.recovered.size(), other);
      if (HasFailure()) return;
    }
  }
}

TEST(SpoolDamage, AMissingSegmentIsALossThatIsCounted) {
  const auto files = three_segments();
  for (const auto& [name, content] : files) {
    if (!name.ends_with(".seg")) continue;
    SCOPED_TRACE(name);
    SimulatedDisk disk;
    restore(disk, files);
    disk.remove(name);

    const auto outcome = open_and_read(disk);

    EXPECT_GT(outcome.lost, 0U);
    EXPECT_EQ(outcome.recovered.size() + outcome.lost, kRecords - kAcked);
  }
}

TEST(SpoolDamage, CursorsThatAreGoneSwappedOrZeroedCostOnlyRedelivery) {
  const auto files = three_segments();
  const std::string a = "/spool/cursor.main.a";
  const std::string b = "/spool/cursor.main.b";
  ASSERT_TRUE(files.contains(a));
  ASSERT_TRUE(files.contains(b));
  const auto check = [&](const std::function<void(SimulatedDisk&)>& harm) {
    SimulatedDisk disk;
    restore(disk, files);
    harm(disk);
    const auto outcome = open_and_read(disk);
    EXPECT_EQ(outcome.lost, 0U);
    EXPECT_GE(outcome.recovered.size(), kRecords - kAcked);
    EXPECT_EQ(outcome.recovered.back(), kRecords - 1);
  };

  check([&](SimulatedDisk& disk) { disk.remove(a); });
  check([&](SimulatedDisk& disk) { disk.remove(b); });
  check([&](SimulatedDisk& disk) {
    disk.remove(a);
    disk.remove(b);
  });
  check([&](SimulatedDisk& disk) { std::swap(disk.content(a), disk.content(b)); });
  check([&](SimulatedDisk& disk) {
    disk.content(a).assign(disk.content(a).size(), '\0');
    disk.content(b).assign(disk.content(b).size(), '\0');
  });
  check([&](SimulatedDisk& disk) { disk.content(b).resize(10); });
}

TEST(SpoolDamage, GarbageInTheFolderIsKeptAsideOrIgnored) {
  auto files = three_segments();
  std::mt19937_64 random(5);
  std::string garbage(5000, '\0');
  for (auto& byte : garbage) byte = static_cast<char>(random());
  files["/spool/00000000000000ff.seg"] = garbage;  // no header
  files["/spool/notes.txt"] = garbage;
  files["/spool/accepted.log"] += garbage;
  SimulatedDisk disk;
  restore(disk, files);

  const auto outcome = open_and_read(disk);

  EXPECT_EQ(outcome.lost, 0U);
  EXPECT_EQ(outcome.recovered.size(), kRecords - kAcked);
  EXPECT_EQ(disk.content("/spool/quarantine/00000000000000ff.seg"), garbage);
}

TEST(SpoolDamage, AHoleIsCopiedToQuarantine) {
  auto files = three_segments();
  auto& first = files["/spool/0000000000000000.seg"];
  first[200] ^= 1;
  SimulatedDisk disk;
  restore(disk, files);

  const auto outcome = open_and_read(disk);

  EXPECT_GT(outcome.lost, 0U);
  const auto& kept = disk.content("/spool/quarantine/0000000000000000.seg.128");
  EXPECT_EQ(kept, first.substr(128, kept.size()));
}

TEST(SpoolDamage, ASpoolOfANewerVersionIsLeftAlone) {
  SimulatedDisk disk;
  db::spool::SegmentHeader header;
  header.version = db::spool::kVersion + 1;
  disk.put("/spool/0000000000000000.seg", make_segment_header(header) + std::string(100, 'x'));

  const auto spool = open_on(disk, spool_config());

  ASSERT_FALSE(spool);
  EXPECT_EQ(spool.error().code, Errc::refused);
  EXPECT_NE(spool.error().message.find("newer version"), std::string::npos);
}

}  // namespace
}  // namespace unity
