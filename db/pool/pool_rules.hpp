// What a pool decides, without its locks and connections.
#pragma once

#include <cstdint>
#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/db/pool_config.hpp"

namespace unity::db {

struct PoolCounts {
  std::size_t in_use = 0;
  std::size_t idle = 0;
  std::size_t waiting = 0;
  std::uint64_t opened = 0;
  std::uint64_t recycled = 0;     // closed because of their age
  std::uint64_t timeouts = 0;     // waits in vain
  std::uint64_t turned_away = 0;  // by max_waiters
};

class PoolRules {
 public:
  explicit PoolRules(const PoolConfig& config) : config_(config) {}

  const PoolConfig& config() const { return config_; }
  bool has_room(std::size_t in_use) const {
    return in_use < config_.pool_size + config_.max_overflow;
  }
  bool must_ping(Duration idle) const;
  // When a connection opened now has served its time: spread, so that they do not all go at once.
  Instant retire_at(Instant now) const;
  // `holder` has held a connection for the longest time.
  Error exhausted(std::string_view why, std::string_view holder, Duration held) const;

 private:
  PoolConfig config_;
};

}  // namespace unity::db
