#include "system/traffic.hpp"

namespace unity::plugins::system {
namespace {

bool is_made_of_others(std::string_view name) {
  for (const std::string_view prefix : {"loop", "ram", "zram", "dm-", "md", "fd", "sr"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

void add(Traffic& total, const Traffic& more) {
  total.bytes += more.bytes;
  total.packets += more.packets;
  total.errors += more.errors;
  total.dropped += more.dropped;
}

}  // namespace

DiskTraffic total_of(const std::vector<DiskStats>& disks) {
  DiskTraffic total;
  for (const auto& disk : disks) {
    if (is_made_of_others(disk.name) || looks_like_partition(disk.name, disks)) continue;
    total.reads += disk.reads;
    total.read_bytes += disk.sectors_read * kSectorBytes;
    total.writes += disk.writes;
    total.written_bytes += disk.sectors_written * kSectorBytes;
  }
  return total;
}

NetworkTraffic total_of(const std::vector<Interface>& interfaces) {
  NetworkTraffic total;
  for (const auto& one : interfaces) {
    if (one.name == "lo") continue;
    add(total.received, one.received);
    add(total.sent, one.sent);
  }
  return total;
}

}  // namespace unity::plugins::system
