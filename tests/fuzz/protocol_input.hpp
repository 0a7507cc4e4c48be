// How the inputs of fuzz_protocol are laid out: one byte that says what follows, then its bytes.
#pragma once

#include <cstdint>

namespace unity::fuzz {

enum class ProtocolInput : std::uint8_t {
  to_worker,
  to_host,
  service_request,
  service_reply,
  confinement,
  packets,  // each is a PacketHead and its bytes; the last may be shorter than its head says
};

// What a packet is to be. Its first byte, as the others, is the input's own.
struct PacketHead {
  std::uint8_t descriptors = 0;  // the lowest three bits: how many go with it
  std::uint8_t oversized = 0;    // 255: the packet is made longer than a packet may be
  std::uint16_t size = 0;
};
static_assert(sizeof(PacketHead) == 4);

}  // namespace unity::fuzz
