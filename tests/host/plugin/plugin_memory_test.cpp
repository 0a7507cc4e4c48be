#include "plugin/plugin_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <thread>

#include "support/temp_dir.hpp"
#include "worker/runtime/limits.hpp"

namespace unity::host {
namespace {

constexpr std::uint64_t kMuch = std::uint64_t{1} << 30;

// The process ends and starts again: what is not in the file is gone.
class PluginMemoryTest : public testing::Test {
 protected:
  PluginMemoryTest() { restart(); }
  void restart() {
    memory_.reset();
    auto store = db::PluginStore::open(file_);
    ASSERT_TRUE(store) << store.error().message;
    memory_.emplace(std::move(*store));
  }
  std::string get(std::string_view instance, std::string_view key) {
    std::string value;
    const auto status = memory_->state_get(instance, key, value);
    return status == UNITY_OK ? value : "status " + std::to_string(status);
  }
  unity_status put(std::string_view key, std::string_view value, std::uint64_t quota = kMuch) {
    return memory_->state_put("a", key, value, quota);
  }

  test::TempDir temp_;
  std::filesystem::path file_ = temp_ / "plugins.db";
  std::optional<PluginMemory> memory_;
  const std::string none_ = "status " + std::to_string(UNITY_E_NOT_FOUND);
};

TEST_F(PluginMemoryTest, KeepsWhatIsPutForEachInstance) {
  EXPECT_EQ(get("a", "k"), none_);

  EXPECT_EQ(put("k", "1"), UNITY_OK);
  EXPECT_EQ(put("k", "2"), UNITY_OK);
  EXPECT_EQ(put("l", "3"), UNITY_OK);

  EXPECT_EQ(get("a", "k"), "2");
  EXPECT_EQ(get("a", "l"), "3");
  EXPECT_EQ(get("b", "k"), none_);
}

TEST_F(PluginMemoryTest, DeletesWithAnEmptyValue) {
  ASSERT_EQ(put("k", "1"), UNITY_OK);
  ASSERT_TRUE(memory_->flush());

  EXPECT_EQ(put("k", ""), UNITY_OK);
  EXPECT_EQ(put("none", ""), UNITY_OK);

  EXPECT_EQ(get("a", "k"), none_);
  EXPECT_EQ(memory_->state_bytes("a"), 0u);
  ASSERT_TRUE(memory_->flush());
  restart();
  EXPECT_EQ(get("a", "k"), none_);
}

TEST_F(PluginMemoryTest, RefusesWhatExceedsTheQuotaAndKeepsTheOldValue) {
  EXPECT_EQ(put("key", "1234567", 10), UNITY_OK);
  EXPECT_EQ(put("key", "12345678", 10), UNITY_E_LIMIT);
  EXPECT_EQ(put("l", "1", 10), UNITY_E_LIMIT);

  EXPECT_EQ(get("a", "key"), "1234567");
  EXPECT_EQ(memory_->state_bytes("a"), 10u);
  EXPECT_EQ(put("key", "7654321", 10), UNITY_OK);
  EXPECT_EQ(put("key", "1", 10), UNITY_OK);
  EXPECT_EQ(put("l", "12345", 10), UNITY_OK);
}

TEST_F(PluginMemoryTest, TakesWhatShrinksAlsoIfTheQuotaWasLowered) {
  ASSERT_EQ(put("k", "123456789", 10), UNITY_OK);

  EXPECT_EQ(put("k", "1234567", 4), UNITY_OK);
  EXPECT_EQ(put("k", "12345678", 4), UNITY_E_LIMIT);
  EXPECT_EQ(put("k", "", 4), UNITY_OK);
}

TEST_F(PluginMemoryTest, RefusesAValueThatIsTooLargeWhateverTheQuota) {
  EXPECT_EQ(put("k", std::string(kStateValueMax, 'x')), UNITY_OK);
  EXPECT_EQ(put("k", std::string(kStateValueMax + 1, 'x')), UNITY_E_LIMIT);
}

TEST_F(PluginMemoryTest, CountsBytesTheSameAfterARestart) {
  ASSERT_EQ(put("k", "12345"), UNITY_OK);
  ASSERT_EQ(put("long key", "1"), UNITY_OK);
  const auto bytes = memory_->state_bytes("a");
  ASSERT_TRUE(memory_->flush());

  restart();

  EXPECT_EQ(memory_->state_bytes("a"), bytes);
  EXPECT_EQ(get("a", "long key"), "1");
}

TEST_F(PluginMemoryTest, SaysWhetherSomethingWaitsToBeStored) {
  EXPECT_FALSE(memory_->dirty());
  ASSERT_EQ(put("k", "1"), UNITY_OK);
  EXPECT_TRUE(memory_->dirty());
  EXPECT_TRUE(memory_->flush());
  EXPECT_FALSE(memory_->dirty());

  ASSERT_EQ(put("k", "1"), UNITY_OK);

  EXPECT_FALSE(memory_->dirty()) << "nothing has changed";
}

TEST_F(PluginMemoryTest, StoresACheckpointAtOnceAndWaitingStateWithIt) {
  ASSERT_EQ(put("k", "1"), UNITY_OK);

  memory_->checkpoints_durable({{"a", "at 7", 7}, {"b", "at 9", 7}});

  EXPECT_FALSE(memory_->dirty());
  restart();
  EXPECT_EQ(memory_->checkpoint("a"), "at 7");
  EXPECT_EQ(memory_->checkpoint("b"), "at 9");
  EXPECT_EQ(memory_->checkpoint("c"), "");
  EXPECT_EQ(get("a", "k"), "1");
  EXPECT_EQ(memory_->newest_place(), 7u);
}

TEST_F(PluginMemoryTest, TakesANewerCheckpointFromTheSpool) {
  EXPECT_EQ(memory_->newest_place(), std::nullopt);
  memory_->checkpoints_durable({{"a", "stored", 10}});
  restart();

  memory_->recovered({{"a", "spooled", 12}, {"b", "first", 11}}, 12);

  EXPECT_EQ(memory_->checkpoint("a"), "spooled");
  restart();
  EXPECT_EQ(memory_->checkpoint("a"), "spooled");
  EXPECT_EQ(memory_->checkpoint("b"), "first");
}

TEST_F(PluginMemoryTest, KeepsACheckpointThatIsNewerThanThatOfTheSpool) {
  memory_->checkpoints_durable({{"a", "with rows", 10}});
  memory_->checkpoints_durable({{"a", "without rows", 10}});
  restart();

  memory_->recovered({{"a", "with rows", 10}}, 10);

  EXPECT_EQ(memory_->checkpoint("a"), "without rows");
  EXPECT_FALSE(memory_->dirty());
}

TEST_F(PluginMemoryTest, CountsPlacesAnewWithASpoolThatWasBegunAnew) {
  memory_->checkpoints_durable({{"a", "old", 1000}});
  restart();
  memory_->recovered({}, 0);
  EXPECT_EQ(memory_->checkpoint("a"), "old");
  restart();

  memory_->recovered({{"a", "new", 5}}, 5);

  EXPECT_EQ(memory_->checkpoint("a"), "new");
}

TEST_F(PluginMemoryTest, KeepsInMemoryWhatTheDiskDoesNotTakeAndTriesAgain) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  ASSERT_EQ(put("k", "1"), UNITY_OK);

  EXPECT_FALSE(memory_->flush());
  EXPECT_TRUE(memory_->dirty());
  memory_->checkpoints_durable({{"a", "at 7", 7}});
  ASSERT_EQ(put("k", "2"), UNITY_OK);

  EXPECT_EQ(get("a", "k"), "2");
  EXPECT_EQ(memory_->checkpoint("a"), "at 7");
  sqlite3_close(other);
  EXPECT_TRUE(memory_->flush());
  restart();
  EXPECT_EQ(get("a", "k"), "2");
  EXPECT_EQ(memory_->checkpoint("a"), "at 7");
}

TEST_F(PluginMemoryTest, WritesEverythingAnewIfTheFileIsRemoved) {
  ASSERT_EQ(put("k", "1"), UNITY_OK);
  memory_->checkpoints_durable({{"a", "at 7", 7}});
  std::filesystem::remove(file_);

  ASSERT_EQ(put("l", "2"), UNITY_OK);
  EXPECT_TRUE(memory_->flush());

  restart();
  EXPECT_EQ(get("a", "k"), "1");
  EXPECT_EQ(get("a", "l"), "2");
  EXPECT_EQ(memory_->checkpoint("a"), "at 7");
}

TEST_F(PluginMemoryTest, ForgetsAnInstance) {
  ASSERT_EQ(put("k", "1"), UNITY_OK);
  memory_->checkpoints_durable({{"a", "at 7", 7}, {"b", "at 8", 8}});
  ASSERT_EQ(put("l", "2"), UNITY_OK);

  memory_->forget("a");

  EXPECT_EQ(get("a", "k"), none_);
  restart();
  EXPECT_EQ(get("a", "k"), none_);
  EXPECT_EQ(get("a", "l"), none_);
  EXPECT_EQ(memory_->checkpoint("a"), "");
  EXPECT_EQ(memory_->checkpoint("b"), "at 8");
}

TEST_F(PluginMemoryTest, MayBeUsedByManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, id = "t" + std::to_string(t)] {
      for (std::uint64_t i = 1; i <= 50; ++i) {
        EXPECT_EQ(memory_->state_put(id, "k", std::to_string(i), kMuch), UNITY_OK);
        if (i % 10 == 0) memory_->checkpoints_durable({{id, std::to_string(i), i}});
        if (i % 17 == 0) memory_->flush();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_TRUE(memory_->flush());

  restart();
  for (int t = 0; t < 4; ++t) {
    EXPECT_EQ(get("t" + std::to_string(t), "k"), "50");
    EXPECT_EQ(memory_->checkpoint("t" + std::to_string(t)), "50");
  }
}

TEST(PluginMemoryAlone, ServesWithoutAStore) {
  PluginMemory memory;

  ASSERT_EQ(memory.state_put("a", "k", "1", 10), UNITY_OK);
  memory.checkpoints_durable({{"a", "at 7", 7}});

  EXPECT_TRUE(memory.flush());
  EXPECT_EQ(memory.checkpoint("a"), "at 7");
}

}  // namespace
}  // namespace unity::host
