// unity.disk: traffic of block devices and space of file systems.
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "disk/filesystems.hpp"
#include "support/diskstats.hpp"
#include "support/glob.hpp"
#include "support/reading.hpp"
#include "support/root.hpp"
#include "unity/plugin.hpp"
#include "unity_manifest.h"

namespace unity::plugins::disk {
namespace {

constexpr std::string_view kId = "unity.disk";

double seconds(std::uint64_t milliseconds) { return static_cast<double>(milliseconds) / 1e3; }

class Disk {
 public:
  Disk(sdk::Host, const sdk::Options& options)
      : root_(options.string("root"), kId),
        partitions_(options.boolean("partitions")),
        exclude_(options.strings("exclude")),
        filesystems_(root_, {options.boolean("network_filesystems"),
                             options.strings("exclude_types"), options.strings("exclude_mounts")}) {
  }

  void collect(sdk::Call call) {
    records_.clear();
    reading(kId, [&] {
      add_devices();
      filesystems_.collect(call, records_);
    });
    call.emit(records_);
  }

 private:
  struct Known {
    std::string name;
    bool wanted = false;
  };

  void add_devices() {
    const auto text = diskstats_.read();
    if (!text) return;  // a kernel without block devices
    parse_diskstats(*text, disks_);
    known_.resize(disks_.size());
    for (std::size_t i = 0; i < disks_.size(); ++i) {
      // Devices keep their order, so a name in its old place was judged before.
      if (known_[i].name != disks_[i].name) known_[i] = judge(disks_[i].name);
      if (known_[i].wanted) add_device(known_[i].name, disks_[i]);
    }
  }

  Known judge(std::string_view name) const {
    const bool wanted = !matches_any(exclude_, name) && (partitions_ || is_whole(name));
    return {std::string(name), wanted};
  }

  bool is_whole(std::string_view name) const {
    const auto folder = root_.path("/sys/block");
    if (::access(folder.c_str(), F_OK) != 0) return !looks_like_partition(name, disks_);
    std::string entry(name);
    std::replace(entry.begin(), entry.end(), '/', '!');  // "cciss/c0d0"
    return ::access((folder + "/" + entry).c_str(), F_OK) == 0;
  }

  void add_device(std::string_view tag, const DiskStats& disk) {
    records_.metric("disk_io")
        .tag("disk", tag)
        .field("reads", disk.reads)
        .field("writes", disk.writes)
        .field("reads_merged", disk.reads_merged)
        .field("writes_merged", disk.writes_merged)
        .field("read_bytes", disk.sectors_read * kSectorBytes)
        .field("write_bytes", disk.sectors_written * kSectorBytes)
        .field("read_time", seconds(disk.read_ms))
        .field("write_time", seconds(disk.write_ms))
        .field("io_time", seconds(disk.io_ms))
        .field("weighted_io_time", seconds(disk.weighted_io_ms))
        .field("in_flight", disk.in_flight);
  }

  Root root_;
  bool partitions_;
  std::vector<std::string> exclude_;
  Filesystems filesystems_;
  KeptFile diskstats_ = root_.file("/proc/diskstats");
  std::vector<DiskStats> disks_;
  std::vector<Known> known_;  // by position in the file
  sdk::Records records_;
};

}  // namespace
}  // namespace unity::plugins::disk

UNITY_PLUGIN(unity::sdk::polled<unity::plugins::disk::Disk>("disk"))
