// Reads /proc/net/snmp and /proc/net/sockstat: what TCP did, and which sockets there are.
#pragma once

#include <cstdint>
#include <optional>

#include "support/text.hpp"

namespace unity::plugins::network {

struct Tcp {
  std::uint64_t active_opens = 0;
  std::uint64_t passive_opens = 0;
  std::uint64_t failed_attempts = 0;
  std::uint64_t resets_received = 0;
  std::uint64_t established = 0;
  std::uint64_t segments_received = 0;
  std::uint64_t segments_sent = 0;
  std::uint64_t segments_retransmitted = 0;
  std::uint64_t segments_bad = 0;
  std::uint64_t resets_sent = 0;
};

struct Sockets {
  std::uint64_t used = 0;
  std::uint64_t tcp_in_use = 0;
  std::uint64_t tcp_orphans = 0;
  std::uint64_t tcp_time_wait = 0;
  std::uint64_t tcp_allocated = 0;
  std::uint64_t tcp_memory_pages = 0;
  std::uint64_t udp_in_use = 0;
  std::uint64_t udp_memory_pages = 0;
};

struct Sockets6 {
  std::uint64_t tcp_in_use = 0;
  std::uint64_t udp_in_use = 0;
};

// All throw ReadError.
Tcp parse_tcp(const Text& snmp);
Sockets parse_sockets(const Text& sockstat);
Sockets6 parse_sockets6(const Text& sockstat6);

}  // namespace unity::plugins::network
