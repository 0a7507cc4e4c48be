// What all disks and all network interfaces have carried since the machine was started.
#pragma once

#include <cstdint>
#include <vector>

#include "support/diskstats.hpp"
#include "support/interfaces.hpp"

namespace unity::plugins::system {

struct DiskTraffic {
  std::uint64_t reads = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t writes = 0;
  std::uint64_t written_bytes = 0;
};
// Of whole disks, as their partitions are in them, and none that are made of other disks or of
// memory.
DiskTraffic total_of(const std::vector<DiskStats>& disks);

struct NetworkTraffic {
  Traffic received;
  Traffic sent;
};
// Without the loopback.
NetworkTraffic total_of(const std::vector<Interface>& interfaces);

}  // namespace unity::plugins::system
