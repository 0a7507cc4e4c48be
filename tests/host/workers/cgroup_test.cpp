#include "workers/cgroup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

// A folder that looks like a control group, as far as files can.
class CgroupTest : public testing::Test {
 protected:
  CgroupTest() { write("cgroup.controllers", "cpuset cpu io memory pids\n"); }

  void write(const std::string& name, std::string_view text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }
  Cgroups take_over() const { return Cgroups::take_over({folder_, true}); }

  test::TempDir temp_;
  const fs::path folder_ = temp_.path();
};

TEST(OwnCgroup, IsThatOfVersionTwo) {
  EXPECT_EQ(own_cgroup("9:name=systemd:/x\n0::/system.slice/unity.service\n"),
            "/system.slice/unity.service");
  EXPECT_EQ(own_cgroup("0::/"), "/");
  EXPECT_EQ(own_cgroup("4:memory:/x\n"), "");
  EXPECT_EQ(own_cgroup(""), "");
}

TEST_F(CgroupTest, MovesTheHostAsideBeforeItDividesItsGroup) {
  const auto groups = take_over();

  EXPECT_EQ(read("unity-host/cgroup.procs"), std::to_string(::getpid()));
  EXPECT_EQ(read("cgroup.subtree_control"), "+memory +pids +cpu");
  EXPECT_TRUE(groups.memory() && groups.processes() && groups.processors());
  EXPECT_THAT(groups.gap(), IsEmpty());
}

TEST_F(CgroupTest, IsTheSameWhenTheHostIsAsideAlready) {
  fs::create_directory(folder_ / "unity-host");

  Cgroups::take_over({folder_ / "unity-host", true});

  EXPECT_EQ(read("unity-host/cgroup.procs"), std::to_string(::getpid()));
  EXPECT_FALSE(fs::exists(folder_ / "unity-host/unity-host"));
  EXPECT_EQ(read("cgroup.subtree_control"), "+memory +pids +cpu");
}

TEST_F(CgroupTest, LeavesAGroupAloneThatIsNotTheHosts) {
  const auto groups = Cgroups::take_over({folder_, false});

  EXPECT_FALSE(groups.any());
  EXPECT_THAT(groups.gap(), HasSubstr("Delegate=yes"));
  EXPECT_FALSE(fs::exists(folder_ / "unity-host"));
  EXPECT_FALSE(groups.make(1, {}));
  EXPECT_THAT(Cgroups::take_over({}).gap(), HasSubstr("no control groups of version 2"));
}

TEST_F(CgroupTest, SaysWhichControllerIsMissing) {
  write("cgroup.controllers", "memory\n");

  const auto groups = take_over();

  EXPECT_TRUE(groups.memory());
  EXPECT_FALSE(groups.processes());
  EXPECT_EQ(read("cgroup.subtree_control"), "+memory");
  EXPECT_THAT(groups.gap(), HasSubstr("not limited in pids, cpu"));

  const auto group = groups.make(1, {1000, 5, 1});
  ASSERT_TRUE(group) << group.error().message;
  EXPECT_FALSE(fs::exists(folder_ / "unity-worker-1/pids.max"));
}

TEST_F(CgroupTest, RemovesWhatAnEarlierHostLeft) {
  fs::create_directory(folder_ / "other");
  write("unity-worker-3/cgroup.kill", "");
  fs::create_directory(folder_ / "unity-worker-4");

  take_over();

  EXPECT_EQ(read("unity-worker-3/cgroup.kill"), "1");
  EXPECT_TRUE(fs::exists(folder_ / "other"));
}

TEST_F(CgroupTest, LimitsAWorkerAndTakesProcessesIn) {
  const auto groups = take_over();

  auto group = groups.make(7, {256 << 20, 64, 1.5});

  ASSERT_TRUE(group) << group.error().message;
  EXPECT_EQ(read("unity-worker-7/memory.max"), "268435456");
  EXPECT_EQ(read("unity-worker-7/memory.oom.group"), "1");
  EXPECT_EQ(read("unity-worker-7/memory.swap.max"), "0");
  EXPECT_EQ(read("unity-worker-7/pids.max"), "64");
  EXPECT_EQ(read("unity-worker-7/cpu.max"), "150000 100000");
  ASSERT_TRUE(group->add(4711));
  EXPECT_EQ(read("unity-worker-7/cgroup.procs"), "4711");
  EXPECT_FALSE(groups.make(7, {}));  // that one is there
}

TEST_F(CgroupTest, LeavesUnlimitedWhatHasNoLimit) {
  const auto group = take_over().make(1, {});

  ASSERT_TRUE(group);
  EXPECT_TRUE(fs::is_empty(folder_ / "unity-worker-1"));
}

TEST_F(CgroupTest, TellsHowOftenTheKernelKilledInIt) {
  const auto group = take_over().make(1, {});
  ASSERT_TRUE(group);
  EXPECT_EQ(group->memory_kills(), 0u);
  write("unity-worker-1/memory.events", "low 0\nhigh 2\nmax 9\noom 1\noom_kill 3\n");

  EXPECT_EQ(group->memory_kills(), 3u);
}

TEST_F(CgroupTest, KillsAndGoesAsSoonAsTheKernelLetsIt) {
  auto group = take_over().make(1, {});
  ASSERT_TRUE(group);

  EXPECT_FALSE(group->remove());  // there is something in it
  EXPECT_EQ(read("unity-worker-1/cgroup.kill"), "1");
  fs::remove(folder_ / "unity-worker-1/cgroup.kill");
  fs::permissions(folder_ / "unity-worker-1", fs::perms::owner_all);
  fs::remove_all(folder_ / "unity-worker-1");

  EXPECT_TRUE(group->remove());
  EXPECT_TRUE(group->remove());
}

}  // namespace
}  // namespace unity::host
