#include "system/memory.hpp"

namespace unity::plugins::system {
namespace {

struct Entry {
  std::string_view key;
  std::uint64_t Memory::*member;
};

constexpr Entry kEntries[] = {
    {"MemTotal:", &Memory::total},
    {"MemFree:", &Memory::free},
    {"MemAvailable:", &Memory::available},
    {"Buffers:", &Memory::buffers},
    {"Cached:", &Memory::cached},
    {"SwapCached:", &Memory::swap_cached},
    {"SwapTotal:", &Memory::swap_total},
    {"SwapFree:", &Memory::swap_free},
    {"Dirty:", &Memory::dirty},
    {"Writeback:", &Memory::writeback},
    {"AnonPages:", &Memory::anonymous},
    {"Mapped:", &Memory::mapped},
    {"Shmem:", &Memory::shared},
    {"Slab:", &Memory::slab},
    {"SReclaimable:", &Memory::reclaimable},
    {"KernelStack:", &Memory::kernel_stack},
    {"PageTables:", &Memory::page_tables},
    {"Committed_AS:", &Memory::committed},
};

}  // namespace

Memory parse_memory(const Text& text) {
  Memory memory;
  bool has_available = false;
  Lines lines(text);
  while (lines.next()) {
    Fields fields(lines.line());
    const auto key = fields.next();
    if (key.empty() || key.back() != ':') lines.malformed("memory");
    for (const auto& entry : kEntries) {
      if (entry.key != key) continue;
      memory.*entry.member = 1024 * lines.number(fields, "memory");
      has_available |= entry.member == &Memory::available;
      break;
    }
  }
  if (memory.total == 0) missing("the size of the memory (MemTotal)", text.path);
  if (!has_available) {
    memory.available = memory.free + memory.buffers + memory.cached + memory.reclaimable;
  }
  return memory;
}

std::optional<SwapTraffic> parse_swap_traffic(const Text& text) {
  SwapTraffic traffic;
  Lines lines(text);
  while (lines.next()) {
    if (!lines.line().starts_with("pswp")) continue;  // most of some 200 lines
    Fields fields(lines.line());
    const auto key = fields.next();
    if (key == "pswpin") {
      traffic.pages_in = lines.number(fields, "swapped pages");
    } else if (key == "pswpout") {  // always behind pswpin
      traffic.pages_out = lines.number(fields, "swapped pages");
      return traffic;
    }
  }
  return std::nullopt;
}

}  // namespace unity::plugins::system
