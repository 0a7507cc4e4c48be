// What a pool decides, without its locks and connections.
#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/db/pool_config.hpp"

namespace unity::db {

// "the writer (storage.cpp:33)"
std::string holder_text(const char* holder, const std::source_location& site);

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
  bool is_leak(Duration held) const { return held >= config_.leak_warn_after; }
  // `holder` has held a connection for the longest time.
  Error exhausted(std::string_view why, std::string_view holder, Duration held) const;

 private:
  PoolConfig config_;
};

}  // namespace unity::db
