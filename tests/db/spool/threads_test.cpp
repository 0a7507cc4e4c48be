// One thread appends while each consumer reads in a thread of its own, and segments come and go.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "db/spool/spool_fixture.hpp"
#include "support/temp_dir.hpp"

namespace unity {
namespace {

constexpr std::uint64_t kEntries = 600;

struct Seen {
  std::uint64_t records = 0;
  std::uint64_t lost = 0;
  bool ordered = true;
};

Seen consume(db::Spool& spool, const char* id, const std::atomic<bool>& finished) {
  Seen seen;
  auto& consumer = spool.consumer(id);
  db::SpoolBatch batch;
  std::uint64_t next = 0;
  while (true) {
    const bool last = finished;
    const auto more = consumer.read(10, batch);
    if (!more) break;
    seen.ordered = seen.ordered && batch.first >= next;
    next = batch.end.records;
    seen.records += batch.records.size();
    if (!consumer.ack(batch.end)) break;
    if (!*more && last) break;
    if (!*more) std::this_thread::yield();
  }
  seen.lost = test::lost_by(spool, id).records;
  return seen;
}

TEST(SpoolThreads, EveryRecordIsReadOrCountedAsLost) {
  const test::TempDir dir;
  auto config = test::spool_config({{"a", true}, {"b", true}, {"late", false}});
  config.folder = dir / "spool";
  config.max_bytes = std::uint64_t{16} << 10;
  config.when_full = db::FullPolicy::drop_oldest;
  auto spool = db::open_spool(config);
  ASSERT_TRUE(spool);
  std::atomic<bool> finished = false;
  std::vector<Seen> seen(3);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const char* id = i == 0 ? "a" : i == 1 ? "b" : "late";
    threads.emplace_back([&, i, id] { seen[i] = consume(**spool, id, finished); });
  }

  for (std::uint64_t n = 0; n < kEntries; ++n) {
    const auto entry = test::entry_of(n * 3, 3);
    const auto done = (*spool)->append({&entry, 1});
    EXPECT_TRUE(done && done->accepted == 1);
    EXPECT_LE((*spool)->state().bytes, config.max_bytes);
  }
  finished = true;
  for (auto& thread : threads) thread.join();

  for (const auto& one : seen) {
    EXPECT_TRUE(one.ordered);
    EXPECT_EQ(one.records + one.lost, kEntries * 3);
  }
  for (const auto& one : (*spool)->state().consumers) EXPECT_EQ(one.waiting.records, 0U);
}

}  // namespace
}  // namespace unity
