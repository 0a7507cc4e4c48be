#include <gtest/gtest.h>

#include <filesystem>
#include <utility>

#include "plugins/live.hpp"

namespace unity::testing {
namespace {

TEST(LiveDisk, DeviceCountersAreThoseOfSys) {
  Collector collector(DISK_PLUGIN, R"({"root":"/","exclude":[]})");
  static constexpr std::pair<const char*, std::size_t> kColumns[] = {
      {"reads", 0}, {"read_bytes", 2}, {"writes", 4}, {"write_bytes", 6}};
  std::size_t devices = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/block")) {
    ++devices;
    const auto before = numbers_in(slurp(entry.path().string() + "/stat"));
    const auto emitted = collector.run();
    const auto after = numbers_in(slurp(entry.path().string() + "/stat"));
    ASSERT_GE(before.size(), 11u);
    const auto tags = R"({"disk":")" + entry.path().filename().string() + "\"}";
    // A device without any traffic since boot may be missing from diskstats on newer kernels.
    if (emitted.find("disk_io", tags) == nullptr && before[0] + before[4] == 0) continue;
    for (const auto& [field, column] : kColumns) {
      const double unit = column % 4 == 2 ? 512 : 1;
      expect_between(before[column] * unit, emitted.number("disk_io", field, tags),
                     after[column] * unit, 0, tags + field);
    }
  }
  EXPECT_LE(collector.run().count("disk_io"), devices);
}

TEST(LiveDisk, FileSystemsAreThoseOfDf) {
  Collector collector(DISK_PLUGIN, kLive);
  const auto emitted = collector.run();
  ASSERT_GT(emitted.count("filesystem"), 0u);
  for (const auto& record : emitted.all()) {
    if (Emitted::name_of(record) != "filesystem") continue;
    const auto tags = json::dump(*record.find("tags"));
    const auto mount = *record.find("tags")->find("mount")->string();
    const auto ask = [&](const char* columns) {
      const auto text = output_of("df -B1 --output=" + std::string(columns) + " '" + mount + "'");
      return numbers_in(text.substr(text.find('\n') + 1));
    };
    const auto bytes_before = ask("size,used,avail");
    const auto inodes_before = ask("itotal,iused");
    const auto now = collector.run();
    const auto bytes_after = ask("size,used,avail");
    const auto inodes_after = ask("itotal,iused");

    ASSERT_EQ(bytes_before.size(), 3u) << mount;
    EXPECT_EQ(now.number("filesystem", "total", tags), bytes_before[0]);
    expect_between(bytes_before[1], now.number("filesystem", "used", tags), bytes_after[1],
                   50 * kMegabyte, mount);
    expect_between(bytes_before[2], now.number("filesystem", "available", tags), bytes_after[2],
                   50 * kMegabyte, mount);
    if (inodes_before.size() != 2 || inodes_before[0] == 0) continue;
    EXPECT_EQ(now.number("inodes", "total", tags), inodes_before[0]);
    expect_between(inodes_before[1], now.number("inodes", "used", tags), inodes_after[1], 2000,
                   mount);
  }
}

}  // namespace
}  // namespace unity::testing
