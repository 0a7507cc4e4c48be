// Reads /proc/meminfo, and what was swapped from /proc/vmstat.
#pragma once

#include <cstdint>
#include <optional>

#include "support/text.hpp"

namespace unity::plugins::system {

// In bytes.
struct Memory {
  std::uint64_t total = 0;
  std::uint64_t free = 0;
  std::uint64_t available = 0;  // estimated on kernels before 3.14
  std::uint64_t buffers = 0;
  std::uint64_t cached = 0;
  std::uint64_t shared = 0;
  std::uint64_t slab = 0;
  std::uint64_t reclaimable = 0;
  std::uint64_t anonymous = 0;
  std::uint64_t mapped = 0;
  std::uint64_t page_tables = 0;
  std::uint64_t kernel_stack = 0;
  std::uint64_t dirty = 0;
  std::uint64_t writeback = 0;
  std::uint64_t committed = 0;
  std::uint64_t swap_total = 0;
  std::uint64_t swap_free = 0;
  std::uint64_t swap_cached = 0;

  std::uint64_t used() const { return total > available ? total - available : 0; }
  double used_percent() const {
    return total == 0 ? 0 : 100 * static_cast<double>(used()) / static_cast<double>(total);
  }
  std::uint64_t swap_used() const { return swap_total > swap_free ? swap_total - swap_free : 0; }
};

struct SwapTraffic {
  std::uint64_t pages_in = 0;
  std::uint64_t pages_out = 0;
};

// Throws ReadError.
Memory parse_memory(const Text& text);
// Nothing if the kernel was built without swap. Throws ReadError.
std::optional<SwapTraffic> parse_swap_traffic(const Text& text);

}  // namespace unity::plugins::system
