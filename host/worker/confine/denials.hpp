// What this process was denied, as far as it can be told: so that a plugin's failure names the
// permission that it lacks. Three sources: the handler of SIGSYS notes system calls that the filter
// refuses; the functions in interposed_*.cpp note paths, ports and processes that were refused.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "worker/confine/confinement.hpp"

namespace unity::worker {

// Plain data: it is written in a signal handler.
struct Denial {
  enum class Kind : std::uint8_t { call, file, connect, listen, process };

  Kind kind = Kind::call;
  bool read = false;  // of a file: what was wanted
  bool write = false;
  std::int32_t error = 0;   // errno that the caller saw
  std::int64_t call = 0;    // number of the system call
  std::uint64_t first = 0;  // its arguments; of `connect` and `listen`: the port
  std::uint64_t second = 0;
  std::array<char, 512> path{};  // of a file or program; cut if it is longer
};

// "it tried to open a network socket (AF_INET), which needs the permission "network": ["udp"]".
std::string describe(const Denial& denial);

// A ring of the denials that nobody has taken yet. Any thread and any signal handler may note one,
// one thread may take them. When it is full, further ones are counted only.
class Denials {
 public:
  static Denials& of_process();

  void note(const Denial& denial);
  std::optional<Denial> take();
  // How many were not kept, since this was last asked.
  std::uint64_t take_lost() { return ring_->lost.exchange(0, std::memory_order_relaxed); }

  // Before the process is confined; at most once, with one thread. Handles SIGSYS from then on.
  void begin(const Confinement& confinement);
  // Whether functions have something to note. False until begin().
  bool active() const { return active_.load(std::memory_order_relaxed); }
  bool may_spawn() const { return spawn_; }
  // Whether a rule covers the path: then it is the system that refused, not the confinement.
  bool granted(const std::string& path, bool read, bool write, bool execute) const;

 private:
  // Shared with processes that a plugin starts, which have something to tell if they fail to become
  // another program.
  static constexpr std::size_t kSlots = 16;
  struct Slot {
    std::atomic<std::uint64_t> turn{0};  // whose turn it is: the writer's, then the reader's
    Denial denial;
  };

  struct Ring {
    std::array<Slot, kSlots> slots;
    std::atomic<std::uint64_t> written{0};
    std::uint64_t read = 0;
    std::atomic<std::uint64_t> lost{0};
  };

  Denials();

  Ring* ring_;
  std::atomic<bool> active_{false};
  bool spawn_ = true;
  std::vector<PathRule> granted_;
};

}  // namespace unity::worker
