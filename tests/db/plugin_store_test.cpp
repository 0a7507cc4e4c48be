// What is kept for plugins: that it comes back, whole, also from damage and from kill -9.
#include "unity/db/plugin_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "db/inspect.hpp"
#include "support/temp_dir.hpp"

namespace unity::db {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PluginStoreTest : public testing::Test {
 protected:
  PluginStore open() {
    auto opened = PluginStore::open(file_);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  // "instance key=value" and "instance @place value", in the order of the tables' keys.
  std::vector<std::string> contents() {
    auto store = open();
    notice_ = store.take_notice();
    return lines(store.take_loaded());
  }
  static std::vector<std::string> lines(const PluginChanges& all) {
    std::vector<std::string> found;
    for (const auto& one : all.state)
      found.push_back(one.instance + " " + one.key + "=" + one.value);
    for (const auto& one : all.checkpoints) {
      found.push_back(one.instance + " @" + std::to_string(one.place) + " " + one.value);
    }
    return found;
  }

  test::TempDir temp_;
  std::filesystem::path file_ = temp_ / "plugins.db";
  std::string notice_;
};

TEST_F(PluginStoreTest, GivesBackWhatWasWritten) {
  const std::string bytes("\0\xff'\n", 4);
  {
    auto store = open();
    EXPECT_THAT(lines(store.take_loaded()), IsEmpty());
    ASSERT_TRUE(store.write({{{"a", "k", "v"}, {"b", bytes, bytes}}, {{"a", bytes, 7}}}));
  }

  auto store = open();

  EXPECT_THAT(lines(store.take_loaded()),
              ElementsAre("a k=v", "b " + bytes + "=" + bytes, "a @7 " + bytes));
  EXPECT_THAT(lines(store.take_loaded()), IsEmpty());
  EXPECT_THAT(store.take_notice(), IsEmpty());
}

TEST_F(PluginStoreTest, ReplacesAndDeletes) {
  {
    auto store = open();
    ASSERT_TRUE(store.write({{{"a", "k", "1"}, {"a", "l", "2"}}, {{"a", "at 1", 1}}}));
    ASSERT_TRUE(store.write({{{"a", "k", "3"}, {"a", "l", ""}, {"a", "none", ""}}, {}}));
    ASSERT_TRUE(store.write({{}, {{"a", "at 2", 2}}}));
    ASSERT_TRUE(store.write({}));
  }

  EXPECT_THAT(contents(), ElementsAre("a k=3", "a @2 at 2"));
}

TEST_F(PluginStoreTest, ForgetsOneInstanceAndNoOther) {
  {
    auto store = open();
    ASSERT_TRUE(store.write({{{"a", "k", "1"}, {"b", "k", "2"}}, {{"a", "x", 1}, {"b", "y", 2}}}));
    ASSERT_TRUE(store.forget("a"));
    ASSERT_TRUE(store.forget("never seen"));
  }

  EXPECT_THAT(contents(), ElementsAre("b k=2", "b @2 y"));
}

TEST_F(PluginStoreTest, MovesGarbageAsideAndSaysSo) {
  std::ofstream(file_) << std::string(10'000, 'g');

  EXPECT_THAT(contents(), IsEmpty());

  EXPECT_THAT(notice_, HasSubstr("plugins.db.damaged"));
  EXPECT_EQ(std::filesystem::file_size(temp_ / "plugins.db.damaged"), 10'000u);
  ASSERT_TRUE(open().write({{{"a", "k", "v"}}, {}}));
  EXPECT_THAT(contents(), ElementsAre("a k=v"));
}

TEST_F(PluginStoreTest, MovesADatabaseOfSomebodyElsesAside) {
  test::Inspector(file_).value("CREATE TABLE theirs (x)");

  EXPECT_THAT(contents(), IsEmpty());

  EXPECT_THAT(notice_, HasSubstr("something else"));
  EXPECT_EQ(test::Inspector(temp_ / "plugins.db.damaged").value("SELECT count(*) FROM theirs"),
            "0");
}

TEST_F(PluginStoreTest, LeavesOneOfANewerVersionAlone) {
  ASSERT_TRUE(open().write({{{"a", "k", "v"}}, {}}));
  test::Inspector(file_).value("PRAGMA user_version = 2");

  const auto opened = PluginStore::open(file_);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::refused);
  EXPECT_THAT(opened.error().message, HasSubstr("newer version"));
  EXPECT_FALSE(std::filesystem::exists(temp_ / "plugins.db.damaged"));
}

TEST_F(PluginStoreTest, SurvivesAFileThatIsCutAnywhere) {
  const PluginChanges much{
      {{"a", "k", std::string(20'000, 'x')}, {"b", "k", std::string(9'000, 'y')}},
      {{"a", std::string(5'000, 'z'), 1}}};
  ASSERT_TRUE(open().write(much));
  std::ostringstream whole;
  whole << std::ifstream(file_, std::ios::binary).rdbuf();
  for (std::size_t size = 0; size < whole.str().size(); size += 1021) {
    std::filesystem::remove(temp_ / "plugins.db-wal");
    std::filesystem::remove(temp_ / "plugins.db-shm");
    std::ofstream(file_, std::ios::binary) << whole.str().substr(0, size);

    auto store = open();

    const PluginChanges fresh{{{"a", "new", "v"}}, {}};
    auto written = store.write(fresh);
    if (!written) written = store.rewrite(fresh, written.error().message);
    ASSERT_TRUE(written) << size;
    EXPECT_THAT(contents(), testing::Contains("a new=v")) << size;
  }
}

TEST_F(PluginStoreTest, SaysWhenItsFileWasRemovedAndIsWrittenAnew) {
  auto store = open();
  ASSERT_TRUE(store.write({{{"a", "k", "1"}}, {{"a", "x", 1}}}));
  std::filesystem::remove(file_);

  const auto written = store.write({{{"a", "k", "2"}}, {}});

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::refused);
  EXPECT_THAT(written.error().message, HasSubstr("removed"));
  ASSERT_TRUE(store.rewrite({{{"a", "k", "2"}}, {{"a", "x", 1}}}, written.error().message));
  EXPECT_THAT(store.take_notice(), HasSubstr("a new file is begun"));
  ASSERT_TRUE(store.write({{{"a", "l", "3"}}, {}}));
  EXPECT_THAT(contents(), ElementsAre("a k=2", "a l=3", "a @1 x"));
}

TEST_F(PluginStoreTest, SaysThatTheDiskIsToBlameAndGoesOnAfterwards) {
  auto store = open();
  ASSERT_TRUE(store.write({{{"a", "k", "1"}}, {}}));
  {
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);

    const auto written = store.write({{{"a", "k", "2"}}, {}});

    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::unavailable);
    sqlite3_close(other);
  }
  EXPECT_TRUE(store.write({{{"a", "k", "3"}}, {}}));
  EXPECT_THAT(contents(), ElementsAre("a k=3"));
}

TEST_F(PluginStoreTest, IsWholeAfterKillInTheMiddleOfAWrite) {
  // The child says on the pipe which round it was told is kept; it is killed at any moment. What a
  // round writes belongs together: its number in three places.
  std::uint64_t promised = 0;
  for (int round = 0; round < 20; ++round) {
    int line[2];
    ASSERT_EQ(::pipe(line), 0);
    const auto child = ::fork();
    if (child == 0) {
      auto store = PluginStore::open(file_);
      if (!store) ::_exit(1);
      for (auto n = promised + 1;; ++n) {
        const auto text = std::to_string(n) + std::string(20'000, 'x');
        if (!store->write({{{"a", "k", text}, {"b", "k", text}}, {{"a", text, n}}})) ::_exit(2);
        (void)!::write(line[1], &n, sizeof n);
      }
    }
    ::close(line[1]);
    std::uint64_t kept = 0;
    for (int i = 0; i <= round % 5; ++i) {
      if (::read(line[0], &kept, sizeof kept) == sizeof kept) promised = kept;
    }
    for (int spin = 0; spin < round * 1000; ++spin) ::getppid();  // a little later each time
    ::kill(child, SIGKILL);
    while (::read(line[0], &kept, sizeof kept) == sizeof kept) promised = kept;
    ::close(line[0]);
    ::waitpid(child, nullptr, 0);

    auto store = open();
    EXPECT_THAT(store.take_notice(), IsEmpty());
    const auto all = store.take_loaded();
    ASSERT_EQ(all.state.size(), 2u);
    ASSERT_EQ(all.checkpoints.size(), 1u);
    const auto& newest = all.checkpoints.front();
    EXPECT_GE(newest.place, promised);
    EXPECT_LE(newest.place, promised + 1);
    EXPECT_EQ(newest.value, std::to_string(newest.place) + std::string(20'000, 'x'));
    EXPECT_EQ(all.state[0].value, newest.value);
    EXPECT_EQ(all.state[1].value, newest.value);
  }
}

}  // namespace
}  // namespace unity::db
