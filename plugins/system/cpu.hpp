// Reads /proc/stat: how the processors spent their time, and what the kernel counted.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "support/text.hpp"

namespace unity::plugins::system {

// In the order of the file. Guest time is also part of user, niced guest time of nice.
enum CpuState { user, nice, system_, idle, iowait, irq, softirq, steal, guest, guest_nice };
inline constexpr std::size_t kCpuStates = guest_nice + 1;

inline constexpr int kAllCores = -1;

struct CpuTimes {
  int core = kAllCores;
  std::array<std::uint64_t, kCpuStates> ticks{};
};

struct KernelCounts {
  std::uint64_t context_switches = 0;
  std::uint64_t forks = 0;
  std::uint64_t interrupts = 0;
  std::uint64_t running = 0;
  std::uint64_t blocked = 0;
};

struct Stat {
  std::vector<CpuTimes> cpus;
  KernelCounts kernel;
};

// Overwrites `out`, whose memory is reused. Throws ReadError.
void parse_stat(const Text& text, Stat& out);

// Remembers the times of the run before.
class CpuHistory {
 public:
  // Idle and iowait of a core may step back a little (proc(5)), which would look like a restart
  // of the counter; `now` is corrected to stand still instead. Returns the share of time since
  // the last call that was not idle, in percent; nothing the first time.
  std::optional<double> update(CpuTimes& now);

 private:
  struct Slot {
    bool seen = false;
    std::array<std::uint64_t, kCpuStates> ticks{};
  };
  std::vector<Slot> slots_;  // by core + 1
};

}  // namespace unity::plugins::system
