#include "runtime/folder_watch.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

class FolderWatchTest : public testing::Test {
 protected:
  FolderWatchTest() : watch_(loop_, std::chrono::milliseconds(1), [this] { ++changes_; }) {}

  void watch(std::vector<WatchedFolder> folders) {
    EXPECT_TRUE(watch_.watch(std::move(folders)).empty());
  }

  static void write(const std::filesystem::path& file) { std::ofstream(file) << "x"; }

  // What has happened is served, and so is what comes of it within a moment.
  void serve(std::chrono::milliseconds moment = std::chrono::milliseconds(50)) {
    loop_.context().run_for(moment);
  }
  bool comes_to(int changes) {
    const auto end = steady_clock::now() + std::chrono::seconds(30);
    while (changes_ < changes && steady_clock::now() < end) serve(std::chrono::milliseconds(5));
    return changes_ >= changes;
  }

  test::TempDir temp_;
  EventLoop loop_;
  int changes_ = 0;
  FolderWatch watch_;
};

TEST_F(FolderWatchTest, TellsOfFilesWithANameThatMatters) {
  watch({{temp_.path(), Globs({"*.so"})}});

  write(temp_ / "state.db");
  write(temp_ / "plugin.so.part");
  serve();
  EXPECT_EQ(changes_, 0);

  std::filesystem::rename(temp_ / "plugin.so.part", temp_ / "plugin.so");
  EXPECT_TRUE(comes_to(1));
  std::filesystem::remove(temp_ / "plugin.so");
  EXPECT_TRUE(comes_to(2));
}

TEST_F(FolderWatchTest, WaitsUntilAFileIsClosed) {
  watch({{temp_.path(), Globs({"*.so"})}});
  std::ofstream file(temp_ / "plugin.so");
  file << "the first half" << std::flush;
  serve();
  EXPECT_EQ(changes_, 0);

  file.close();

  EXPECT_TRUE(comes_to(1));
}

TEST_F(FolderWatchTest, HasNamesForEachFolderAndTheSameFolderTwice) {
  const auto inner = temp_ / "inner";
  std::filesystem::create_directory(inner);
  watch({{temp_.path(), Globs({"unity.yaml"})},
         {inner, Globs({"*.yaml"})},
         {temp_.path(), Globs({"*.so"})}});

  write(temp_ / "other.yaml");
  write(inner / "plugin.so");
  serve();
  EXPECT_EQ(changes_, 0);

  write(temp_ / "unity.yaml");
  EXPECT_TRUE(comes_to(1));
  write(inner / "other.yaml");
  EXPECT_TRUE(comes_to(2));
  write(temp_ / "plugin.so");
  EXPECT_TRUE(comes_to(3));
}

TEST_F(FolderWatchTest, FollowsAFolderThatGoesAndComesAgain) {
  const auto folder = temp_ / "plugins";
  watch({{folder / "", Globs({"*.so"})}});

  for (int round = 0; round < 2; ++round) {
    SCOPED_TRACE(round);
    changes_ = 0;
    std::filesystem::create_directory(folder);
    EXPECT_TRUE(comes_to(1));
    write(folder / "plugin.so");
    EXPECT_TRUE(comes_to(2));
    std::filesystem::remove_all(folder);
    EXPECT_TRUE(comes_to(3));
    serve();
  }
}

}  // namespace
}  // namespace unity::host
