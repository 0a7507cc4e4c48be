// What a pool of connections is doing, for whoever watches it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::db {

// How long those who asked for a connection waited for one, by upper bound.
struct PoolWaits {
  static constexpr std::array<Duration, 7> kBounds{
      std::chrono::milliseconds(1),    std::chrono::milliseconds(5),
      std::chrono::milliseconds(25),   std::chrono::milliseconds(100),
      std::chrono::milliseconds(500),  std::chrono::milliseconds(2500),
      std::chrono::milliseconds(10000)};
  std::array<std::uint64_t, kBounds.size() + 1> counts{};  // the last: longer than all bounds
  Duration sum{};

  void add(Duration waited);
  std::uint64_t count() const;
};

// A connection that somebody has held for longer than leak_warn_after.
struct PoolLeak {
  std::uint64_t lease = 0;  // tells one from another
  std::string holder;       // "the writer (storage.cpp:33)"
  Duration held{};
};

struct PoolState {
  std::size_t in_use = 0;
  std::size_t idle = 0;
  std::size_t waiting = 0;
  std::uint64_t created = 0;
  std::uint64_t recycled = 0;     // closed because of their age
  std::uint64_t timeouts = 0;     // waits in vain
  std::uint64_t turned_away = 0;  // by max_waiters
  bool broken = false;            // so many attempts to connect failed that it keeps away
  PoolWaits waits;
  std::vector<PoolLeak> leaks;  // the oldest first
};

}  // namespace unity::db
