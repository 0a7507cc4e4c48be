// Reads /proc/diskstats: what was read from and written to block devices.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "support/text.hpp"

namespace unity::plugins {

inline constexpr std::uint64_t kSectorBytes = 512;  // the unit of the file, whatever the device

struct DiskStats {
  std::string_view name;  // points into the text
  std::uint64_t reads = 0;
  std::uint64_t reads_merged = 0;
  std::uint64_t sectors_read = 0;
  std::uint64_t read_ms = 0;
  std::uint64_t writes = 0;
  std::uint64_t writes_merged = 0;
  std::uint64_t sectors_written = 0;
  std::uint64_t write_ms = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t io_ms = 0;
  std::uint64_t weighted_io_ms = 0;
};

// Overwrites `out`, whose memory is reused. Throws ReadError.
void parse_diskstats(const Text& text, std::vector<DiskStats>& out);

// Whether `name` looks like a partition of one of `disks`: "sda1" of "sda", "nvme0n1p2" of
// "nvme0n1". For where there is no /sys/block to ask.
bool looks_like_partition(std::string_view name, const std::vector<DiskStats>& disks);

}  // namespace unity::plugins
