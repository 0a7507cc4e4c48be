#include <gtest/gtest.h>

#include "plugins/collector.hpp"
#include "plugins/scratch_tree.hpp"

namespace unity::testing {
namespace {

constexpr auto kNvme = R"({"disk":"nvme0n1"})";

TEST(Disk, ReportsWholeDevices) {
  Collector collector(DISK_PLUGIN, rooted(fixture("disk/root")));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.count("disk_io"), 4u);
  EXPECT_EQ(emitted.values("disk_io", kNvme),
            R"({"reads":1000,"writes":2000,"reads_merged":10,"writes_merged":20,)"
            R"("read_bytes":40960000,"write_bytes":81920000,"read_time":2.5,"write_time":7.5,)"
            R"("io_time":5,"weighted_io_time":10,"in_flight":3})");
  EXPECT_NE(emitted.find("disk_io", R"({"disk":"cciss/c0d0"})"), nullptr);
  EXPECT_NE(emitted.find("disk_io", R"({"disk":"dm-0"})"), nullptr);
}

TEST(Disk, CarriesLargeCounters) {
  Collector collector(DISK_PLUGIN, rooted(fixture("disk/root")));
  EXPECT_EQ(collector.run().values("disk_io", R"({"disk":"sda"})"),
            R"({"reads":4294967296,"writes":18446744073709551615,"reads_merged":0,)"
            R"("writes_merged":0,"read_bytes":2199023255552,"write_bytes":4096,)"
            R"("read_time":4294967.295,"write_time":0.001,"io_time":0.002,)"
            R"("weighted_io_time":0.003,"in_flight":0})");
}

TEST(Disk, ReportsPartitionsIfAsked) {
  Collector collector(DISK_PLUGIN, rooted(fixture("disk/root"), R"("partitions":true)"));
  const auto emitted = collector.run();
  EXPECT_EQ(emitted.count("disk_io"), 7u);
  EXPECT_NE(emitted.find("disk_io", R"({"disk":"nvme0n1p1"})"), nullptr);
}

TEST(Disk, TellsPartitionsByNameWhereThereIsNoSys) {
  Collector collector(DISK_PLUGIN, rooted(fixture("disk/no_sys")));
  const auto emitted = collector.run();
  EXPECT_EQ(emitted.count("disk_io"), 4u);
  EXPECT_EQ(emitted.find("disk_io", R"({"disk":"cciss/c0d0p1"})"), nullptr);
}

TEST(Disk, LeavesOutWhatIsExcluded) {
  Collector collector(DISK_PLUGIN, rooted(fixture("disk/root"), R"("exclude":["nvme*","sd?"])"));
  const auto emitted = collector.run();
  EXPECT_EQ(emitted.find("disk_io", kNvme), nullptr);
  EXPECT_NE(emitted.find("disk_io", R"({"disk":"loop0"})"), nullptr);
}

TEST(Disk, FollowsDevicesThatComeAndGo) {
  ScratchTree tree(fixture("disk/no_sys"));
  Collector collector(DISK_PLUGIN, rooted(tree.path()));
  collector.run();
  tree.write("proc/diskstats",
             "8 16 sdb 1 2 3 4 5 6 7 8 9 10 11\n8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n");

  const auto emitted = collector.run();
  EXPECT_EQ(emitted.count("disk_io"), 2u);
  EXPECT_EQ(emitted.number("disk_io", "writes", R"({"disk":"sdb"})"), 5);
}

TEST(Disk, ReportsEachFileSystemOnce) {
  ScratchTree tree(fixture("disk/root"));
  Collector collector(DISK_PLUGIN, rooted(tree.path()));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.count("filesystem"), 2u);
  EXPECT_NE(emitted.find("filesystem", R"({"mount":"/","source":"/dev/sda1","type":"ext4"})"),
            nullptr);
  EXPECT_NE(emitted.find("filesystem",
                         R"({"mount":"/mnt/with blank","source":"/dev/nvme0n1p1","type":"xfs"})"),
            nullptr);
}

TEST(Disk, AsksRemoteFileSystemsOnlyOnDemand) {
  Collector collector(DISK_PLUGIN, rooted(fixture("disk/root"), R"("network_filesystems":true)"));
  const auto emitted = collector.run();
  EXPECT_EQ(emitted.count("filesystem"), 3u) << "the one without a folder cannot be asked";
  EXPECT_NE(
      emitted.find("filesystem", R"({"mount":"/mnt/nfs","source":"server:/export","type":"nfs4"})"),
      nullptr);
}

TEST(Disk, FollowsMountsThatComeAndGo) {
  ScratchTree tree(fixture("disk/root"));
  Collector collector(DISK_PLUGIN, rooted(tree.path()));
  collector.run();
  tree.write("proc/1/mounts", "/dev/x / ext4 rw 0 0\n");
  EXPECT_EQ(collector.run().count("filesystem"), 1u);
}

TEST(Disk, NamesTheMalformedLine) {
  ScratchTree tree(fixture("disk/root"));
  Collector collector(DISK_PLUGIN, rooted(tree.path()));
  tree.write("proc/diskstats", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n8 1 sda1 1 2 3 4\n");
  const auto outcome = collector.instance.collect();

  EXPECT_EQ(outcome.status, UNITY_E_TRANSIENT);
  EXPECT_EQ(outcome.code, "unity.disk.unreadable");
  EXPECT_EQ(outcome.message, "cannot read disk counters from " + tree.path() +
                                 "/proc/diskstats: line 2 is '8 1 sda1 1 2 3 4'");
}

TEST(Disk, StopsWhenCancelled) {
  Collector collector(DISK_PLUGIN, rooted(fixture("disk/root")));
  collector.instance.cancel();
  EXPECT_EQ(collector.instance.collect().status, UNITY_E_CANCELLED);
}

}  // namespace
}  // namespace unity::testing
