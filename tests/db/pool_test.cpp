// The pool of connections, with connections that cost nothing and a clock that the test turns.
#include "pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace unity::db {
namespace {

using namespace std::chrono_literals;

struct Server {
  std::atomic<int> open = 0;
  std::atomic<int> open_most = 0;
  std::atomic<int> pings = 0;
  std::atomic<bool> refuses = false;
  std::atomic<bool> restarted = false;  // sessions of before are dead
};

class Session {
 public:
  explicit Session(Server& server) : server_(&server) {
    const int now = ++server.open;
    for (int most = server.open_most; now > most;) {
      if (server.open_most.compare_exchange_weak(most, now)) break;
    }
  }
  Session(Session&& other) noexcept : server_(std::exchange(other.server_, nullptr)) {}
  Session& operator=(Session&&) = delete;
  ~Session() {
    if (server_ != nullptr) --server_->open;
  }
  bool ping() {
    ++server_->pings;
    return !server_->restarted.exchange(false);
  }
  bool reset() const { return !broken; }

  bool broken = false;

 private:
  Server* server_;
};

class PoolTest : public testing::Test {
 protected:
  using Sessions = Pool<Session>;

  std::unique_ptr<Sessions> make(PoolConfig config) {
    return std::make_unique<Sessions>(
        config,
        [this]() -> Result<Session> {
          if (server_.refuses) return Error{Errc::refused, "no"};
          return Session(server_);
        },
        [this] { return now_; });
  }
  static PoolConfig small(std::size_t size, std::size_t overflow) {
    PoolConfig config;
    config.pool_size = size;
    config.max_overflow = overflow;
    config.pool_timeout = 1ms;
    return config;
  }

  Server server_;
  Instant now_{1h};
};

TEST_F(PoolTest, OpensWhenNeededAndKeepsPoolSize) {
  const auto pool = make(small(2, 2));
  EXPECT_EQ(server_.open, 0);
  {
    const auto a = pool->take("a");
    const auto b = pool->take("b");
    const auto c = pool->take("c");
    ASSERT_TRUE(a && b && c);
    EXPECT_EQ(server_.open, 3);
    EXPECT_EQ(pool->counts().in_use, 3u);
  }
  EXPECT_EQ(server_.open, 2);
  EXPECT_EQ(pool->counts().idle, 2u);
  EXPECT_EQ(pool->counts().in_use, 0u);
}

TEST_F(PoolTest, AWaitInVainSaysWhoHasHeldOneForLong) {
  const auto pool = make(small(1, 1));
  const auto a = pool->take("the writer");
  const auto b = pool->take("a reader");
  now_ += 2min;

  const auto c = pool->take("another");

  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().code, Errc::unavailable);
  EXPECT_THAT(c.error().message, testing::HasSubstr("all 2 (pool_size + max_overflow)"));
  EXPECT_THAT(c.error().message, testing::HasSubstr("held for 2m to the writer"));
  EXPECT_EQ(pool->counts().timeouts, 1u);
}

TEST_F(PoolTest, MoreWaitersThanAllowedAreTurnedAwayAtOnce) {
  auto config = small(1, 0);
  config.max_waiters = 0;
  config.pool_timeout = 1h;
  const auto pool = make(config);
  const auto a = pool->take("a");

  EXPECT_FALSE(pool->take("b"));
  EXPECT_EQ(pool->counts().turned_away, 1u);
}

TEST_F(PoolTest, ReplacesWhatIsOldGiveOrTakeATenth) {
  const auto pool = make(small(1, 0));
  { ASSERT_TRUE(pool->take("a")); }
  now_ += 53min;
  { ASSERT_TRUE(pool->take("a")); }
  EXPECT_EQ(pool->counts().opened, 1u);
  now_ += 14min;
  { ASSERT_TRUE(pool->take("a")); }
  EXPECT_EQ(pool->counts().opened, 2u);
  EXPECT_EQ(pool->counts().recycled, 1u);
  EXPECT_EQ(server_.open, 1);
}

TEST_F(PoolTest, PingsOnlyWhatWasIdleForLong) {
  const auto pool = make(small(1, 0));
  { ASSERT_TRUE(pool->take("a")); }
  { ASSERT_TRUE(pool->take("a")); }
  EXPECT_EQ(server_.pings, 0);
  now_ += 6s;
  { ASSERT_TRUE(pool->take("a")); }
  EXPECT_EQ(server_.pings, 1);
}

TEST_F(PoolTest, TheFirstUseAfterARestartOfTheServerSucceeds) {
  const auto pool = make(small(3, 0));
  {
    const auto a = pool->take("a");
    const auto b = pool->take("b");
    const auto c = pool->take("c");
  }
  server_.restarted = true;
  now_ += 6s;

  { ASSERT_TRUE(pool->take("a")); }

  EXPECT_EQ(server_.open, 1);  // all others were as dead as the first
  EXPECT_EQ(pool->counts().opened, 4u);
}

TEST_F(PoolTest, WhatIsBrokenIsNotUsedAgain) {
  const auto pool = make(small(1, 0));
  {
    auto lease = pool->take("a");
    ASSERT_TRUE(lease);
    (*lease)->broken = true;
  }
  EXPECT_EQ(server_.open, 0);
  EXPECT_TRUE(pool->take("a"));
}

TEST_F(PoolTest, AFailureToConnectLeavesItsPlaceFree) {
  const auto pool = make(small(1, 0));
  server_.refuses = true;
  EXPECT_EQ(pool->take("a").error().code, Errc::refused);
  EXPECT_EQ(pool->take("a").error().code, Errc::refused);
  server_.refuses = false;
  EXPECT_TRUE(pool->take("a"));
}

TEST_F(PoolTest, TwoHundredThreadsNeverExceedTheBound) {
  auto config = small(3, 4);
  config.pool_timeout = 1min;
  const auto pool = make(config);
  std::atomic<int> served = 0;
  std::vector<std::thread> users;
  for (int i = 0; i < 200; ++i) {
    users.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        if (auto lease = pool->take("a user")) {
          ++served;
          (*lease)->broken = n % 7 == 0;
        }
      }
    });
  }
  for (auto& user : users) user.join();
  EXPECT_EQ(served, 200 * 20);
  EXPECT_LE(server_.open_most, 7);
  EXPECT_LE(server_.open, 3);
  EXPECT_EQ(pool->counts().in_use, 0u);
  EXPECT_EQ(pool->counts().waiting, 0u);
}

}  // namespace
}  // namespace unity::db
