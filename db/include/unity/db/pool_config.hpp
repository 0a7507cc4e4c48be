// How connections to a server are shared, in SQLAlchemy's words.
#pragma once

#include <cstddef>

#include "unity/core/base/time.hpp"

namespace unity::db {

// Whether a connection is tried before it is handed out.
enum class PrePing { automatic, always, never };  // automatic: if it was idle for long

struct PoolConfig {
  std::size_t pool_size = 10;                          // connections that stay open
  std::size_t max_overflow = 20;                       // more, each closed when it is given back
  Duration pool_timeout = std::chrono::seconds(30);    // how long to wait for a free one
  Duration pool_recycle = std::chrono::seconds(3600);  // replaced at that age, give or take 10 %
  PrePing pre_ping = PrePing::automatic;
  std::size_t max_waiters = 200;                        // who comes then is refused at once
  Duration leak_warn_after = std::chrono::seconds(60);  // held so long, somebody is told
};

}  // namespace unity::db
