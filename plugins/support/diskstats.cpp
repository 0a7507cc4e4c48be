#include "support/diskstats.hpp"

#include <algorithm>

namespace unity::plugins {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_partition_of(std::string_view name, std::string_view disk) {
  if (disk.empty() || !name.starts_with(disk)) return false;
  name.remove_prefix(disk.size());
  // A disk whose own name ends with a digit has a 'p' before the number.
  if (is_digit(disk.back())) {
    if (!name.starts_with('p')) return false;
    name.remove_prefix(1);
  }
  return !name.empty() && std::all_of(name.begin(), name.end(), is_digit);
}

}  // namespace

void parse_diskstats(const Text& text, std::vector<DiskStats>& out) {
  constexpr std::string_view wanted = "disk counters";
  out.clear();
  Lines lines(text);
  while (lines.next()) {
    Fields fields(lines.line());
    fields.skip(2);  // device numbers
    DiskStats disk;
    disk.name = fields.next();
    for (auto* counter : {&disk.reads, &disk.reads_merged, &disk.sectors_read, &disk.read_ms,
                          &disk.writes, &disk.writes_merged, &disk.sectors_written, &disk.write_ms,
                          &disk.in_flight, &disk.io_ms, &disk.weighted_io_ms}) {
      *counter = lines.number(fields, wanted);
    }
    out.push_back(disk);
  }
}

bool looks_like_partition(std::string_view name, const std::vector<DiskStats>& disks) {
  return std::any_of(disks.begin(), disks.end(),
                     [&](const DiskStats& disk) { return is_partition_of(name, disk.name); });
}

}  // namespace unity::plugins
