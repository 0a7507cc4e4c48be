#include <gtest/gtest.h>

#include "disk/mounts.hpp"
#include "network/protocols.hpp"
#include "process/groups.hpp"
#include "process/process_stat.hpp"
#include "support/diskstats.hpp"
#include "system/cpu.hpp"

namespace unity::plugins {
namespace {

system::CpuTimes cpu(std::uint64_t user, std::uint64_t idle, std::uint64_t iowait) {
  system::CpuTimes times;
  times.core = 0;
  times.ticks[system::user] = user;
  times.ticks[system::idle] = idle;
  times.ticks[system::iowait] = iowait;
  return times;
}

TEST(CpuHistory, KnowsTheShareUsedFromTheSecondTimeOn) {
  system::CpuHistory history;
  auto first = cpu(100, 1000, 0);
  auto second = cpu(125, 1050, 25);

  EXPECT_FALSE(history.update(first));
  EXPECT_DOUBLE_EQ(history.update(second).value(), 25);
  EXPECT_FALSE(history.update(second)) << "no time has passed";
}

TEST(CpuHistory, HoldsTimesThatStepBack) {
  system::CpuHistory history;
  auto first = cpu(100, 1000, 500);
  auto second = cpu(200, 999, 498);

  history.update(first);
  EXPECT_DOUBLE_EQ(history.update(second).value(), 100);
  EXPECT_EQ(second.ticks[system::idle], 1000u);
  EXPECT_EQ(second.ticks[system::iowait], 500u);
}

TEST(CpuHistory, LetsARestartThrough) {
  system::CpuHistory history;
  auto first = cpu(100, 1'000'000, 500);
  auto second = cpu(3, 20, 0);

  history.update(first);
  EXPECT_FALSE(history.update(second));
  EXPECT_EQ(second.ticks[system::idle], 20u);
}

TEST(Partitions, AreToldFromTheirNames) {
  std::vector<DiskStats> disks(3);
  disks[0].name = "sda";
  disks[1].name = "nvme0n1";
  disks[2].name = "dm-1";
  EXPECT_TRUE(looks_like_partition("sda15", disks));
  EXPECT_TRUE(looks_like_partition("nvme0n1p2", disks));
  EXPECT_FALSE(looks_like_partition("sda", disks));
  EXPECT_FALSE(looks_like_partition("sdaa", disks));
  EXPECT_FALSE(looks_like_partition("nvme0n12", disks));
  EXPECT_FALSE(looks_like_partition("dm-10", disks));
}

std::vector<std::string> points(std::string_view text, const disk::MountRules& rules) {
  std::vector<std::string> points;
  for (const auto& mount : disk::pick_mounts(disk::parse_mounts({"mounts", text}), rules)) {
    points.push_back(mount.point);
  }
  return points;
}

using Points = std::vector<std::string>;

TEST(Mounts, EachDeviceIsPickedOnceAndTmpfsEachTime) {
  const auto text =
      "/dev/a / ext4 rw 0 0\n/dev/a /bind ext4 rw 0 0\ntmpfs /t1 tmpfs rw 0 0\n"
      "tmpfs /t2 tmpfs rw 0 0\ntank/home /home zfs rw 0 0\n";
  EXPECT_EQ(points(text, {}), (Points{"/", "/t1", "/t2", "/home"}));
}

TEST(Mounts, TheLastOneOnAPointHidesTheOthers) {
  EXPECT_EQ(points("/dev/a /m ext4 rw 0 0\n/dev/b /m xfs rw 0 0\n/dev/a /n ext4 rw 0 0\n", {}),
            (Points{"/m", "/n"}));
}

TEST(Mounts, RulesLeaveOutButNotTheRoot) {
  const auto text =
      "overlay / overlay rw 0 0\noverlay /c overlay rw 0 0\nsrv:/x /nfs nfs4 rw 0 0\n"
      "s3 /s3 fuse.s3fs rw 0 0\n/dev/b /boot/efi vfat rw 0 0\n";
  EXPECT_EQ(points(text, {false, {"over*"}, {"/boot*"}}), (Points{"/"}));
  EXPECT_EQ(points(text, {true, {"over*"}, {}}), (Points{"/", "/nfs", "/s3", "/boot/efi"}));
}

TEST(Mounts, EscapesAreUndone) {
  const auto mounts = disk::parse_mounts({"mounts", "a\\040b /x\\134y\\011z\\04 ext4 rw 0 0\n"});
  EXPECT_EQ(mounts[0].source, "a b");
  EXPECT_EQ(mounts[0].point, "/x\\y\tz\\04");
}

TEST(Mounts, AShortLineIsMalformed) {
  EXPECT_THROW(disk::parse_mounts({"mounts", "/dev/a /\n"}), ReadError);
}

TEST(Protocols, TcpNeedsItsTwoLines) {
  EXPECT_THROW(network::parse_tcp({"snmp", "Ip: x\nIp: 1\n"}), ReadError);
  EXPECT_THROW(network::parse_tcp({"snmp", "Tcp: InSegs\n"}), ReadError);
  EXPECT_THROW(network::parse_tcp({"snmp", "Tcp: InSegs OutSegs\nTcp: 1\n"}), ReadError);
  EXPECT_THROW(network::parse_sockets({"sockstat", "TCP: inuse many\n"}), ReadError);
  EXPECT_EQ(
      network::parse_tcp({"snmp", "Tcp: OutSegs New InSegs\nTcp: 1 -5 3\n"}).segments_received, 3u);
}

TEST(ProcessStat, GarbageIsNoProcess) {
  process::ProcessStat stat;
  for (const auto* text : {"", "1", "1 (a", "1 (a) ", "x (a) S 1", "1 (a) S 1 2 3", ") (",
                           "1 (a) SS 0 1 1 0 -1 4 1 2 3 4 100 50 9 9 20 0 1 0 5 100 3 1\n"}) {
    EXPECT_FALSE(process::parse_process_stat(text, stat)) << text;
  }
}

process::ProcessStat used(int pid, std::uint64_t start, std::uint64_t ticks) {
  process::ProcessStat stat;
  stat.pid = pid;
  stat.start_ticks = start;
  stat.cpu_ticks = ticks;
  return stat;
}

TEST(UsedSince, TellsAReusedPidFromTheOldProcess) {
  std::vector<std::uint64_t> ticks;
  process::used_since({used(1, 5, 100), used(2, 6, 50), used(4, 7, 9)},
                      {used(1, 5, 130), used(2, 900, 60), used(3, 901, 7), used(4, 7, 8)}, ticks);
  EXPECT_EQ(ticks, (std::vector<std::uint64_t>{30, 60, 7, 0}));
}

}  // namespace
}  // namespace unity::plugins
