// The pool of connections, with connections that cost nothing and a clock that the test turns.
#include "pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <optional>
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

  // Nobody waits for real: a wait in vain takes as long as it is told to, by the test's clock.
  std::unique_ptr<Sessions> make(PoolConfig config) {
    return std::make_unique<Sessions>(
        config, [this] { return connect(); }, [this] { return now_; },
        [this](std::condition_variable&, std::unique_lock<std::mutex>&, Duration most,
               const std::function<bool()>& is_freed) {
          now_ += most;
          return is_freed();
        });
  }
  // For tests with threads, which wait for each other.
  std::unique_ptr<Sessions> make_for_threads(PoolConfig config) {
    return std::make_unique<Sessions>(config, [this] { return connect(); });
  }
  Result<Session> connect() {
    ++attempts_;
    if (server_.refuses) return Error{Errc::unavailable, "cannot connect to x: no"};
    return Session(server_);
  }
  static PoolConfig small(std::size_t size, std::size_t overflow) {
    PoolConfig config;
    config.pool_size = size;
    config.max_overflow = overflow;
    config.pool_timeout = 1ms;
    return config;
  }

  Server server_;
  std::atomic<int> attempts_ = 0;
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
    EXPECT_EQ(pool->state().in_use, 3u);
  }
  EXPECT_EQ(server_.open, 2);
  EXPECT_EQ(pool->state().idle, 2u);
  EXPECT_EQ(pool->state().in_use, 0u);
}

TEST_F(PoolTest, ALeakIsToldWithItsOrigin) {
  const auto pool = make(small(1, 1));
  const auto a = pool->take("the writer");
  const auto b = pool->take("a reader");
  now_ += 2min;

  const auto c = pool->take("another");

  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().code, Errc::unavailable);
  EXPECT_THAT(c.error().message, testing::HasSubstr("all 2 (pool_size + max_overflow)"));
  EXPECT_THAT(c.error().message, testing::HasSubstr("one has been held for 2m by the writer ("));
  EXPECT_EQ(pool->state().timeouts, 1u);
}

TEST_F(PoolTest, BeyondMaxWaitersTheAnswerComesAtOnce) {
  auto config = small(1, 0);
  config.max_waiters = 0;
  config.pool_timeout = 1h;
  const auto pool = make(config);
  const auto a = pool->take("a");

  EXPECT_FALSE(pool->take("b"));
  EXPECT_EQ(pool->state().turned_away, 1u);
}

TEST_F(PoolTest, ReplacesWhatIsOldGiveOrTakeATenth) {
  const auto pool = make(small(1, 0));
  { ASSERT_TRUE(pool->take("a")); }
  now_ += 53min;
  { ASSERT_TRUE(pool->take("a")); }
  EXPECT_EQ(pool->state().created, 1u);
  now_ += 14min;
  { ASSERT_TRUE(pool->take("a")); }
  EXPECT_EQ(pool->state().created, 2u);
  EXPECT_EQ(pool->state().recycled, 1u);
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

TEST_F(PoolTest, AfterAServerRestartTheFirstCallSucceeds) {
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
  EXPECT_EQ(pool->state().created, 4u);
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
  EXPECT_EQ(pool->take("a").error().code, Errc::unavailable);
  EXPECT_EQ(pool->take("a").error().code, Errc::unavailable);
  server_.refuses = false;
  EXPECT_TRUE(pool->take("a"));
}

TEST_F(PoolTest, PoolSizeAndOverflowAreNeverExceededUnder200Threads) {
  auto config = small(3, 4);
  config.pool_timeout = 1min;
  const auto pool = make_for_threads(config);
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
  EXPECT_EQ(pool->state().in_use, 0u);
  EXPECT_EQ(pool->state().waiting, 0u);
}

TEST_F(PoolTest, AWaiterTooManyTimesOutAtPoolTimeout) {
  auto config = small(1, 1);
  config.pool_timeout = 30s;
  const auto pool = make(config);
  const auto a = pool->take("a");
  const auto b = pool->take("b");
  const auto before = now_;

  const auto c = pool->take("c");

  ASSERT_FALSE(c);
  EXPECT_THAT(c.error().message, testing::HasSubstr("none was given back in time"));
  EXPECT_EQ(now_ - before, 30s);
  EXPECT_EQ(pool->state().timeouts, 1u);
  EXPECT_EQ(pool->state().waiting, 0u);
}

TEST_F(PoolTest, WhoeverWaitsGetsWhatIsGivenBack) {
  auto config = small(1, 0);
  config.pool_timeout = 1min;
  const auto pool = make_for_threads(config);
  std::optional<Sessions::Lease> held;
  {
    auto first = pool->take("the first");
    ASSERT_TRUE(first);
    held.emplace(std::move(*first));
  }
  std::atomic<bool> served = false;
  std::thread waiter([&] { served = pool->take("the second").has_value(); });
  while (pool->state().waiting == 0) std::this_thread::yield();
  held.reset();
  waiter.join();
  EXPECT_TRUE(served);
  EXPECT_EQ(pool->state().created, 1u);
  EXPECT_EQ(pool->state().waits.count(), 2u);
}

TEST_F(PoolTest, WhatIsHeldForLongIsShownUntilItIsGivenBack) {
  const auto pool = make(small(3, 0));
  {
    const auto a = pool->take("the writer");
    now_ += 59s;
    const auto b = pool->take("a reader");
    EXPECT_THAT(pool->state().leaks, testing::IsEmpty());
    now_ += 2s;
    const auto leaks = pool->state().leaks;
    ASSERT_EQ(leaks.size(), 1u);
    EXPECT_THAT(leaks[0].holder, testing::StartsWith("the writer (pool_test.cpp:"));
    EXPECT_EQ(leaks[0].held, 61s);
  }
  EXPECT_THAT(pool->state().leaks, testing::IsEmpty());
}

TEST_F(PoolTest, CountsWhatTheMetricsShow) {
  const auto pool = make(small(1, 1));
  {
    const auto a = pool->take("a");
    const auto b = pool->take("b");
    EXPECT_EQ(pool->state().in_use, 2u);
    EXPECT_FALSE(pool->take("c"));  // a millisecond in vain
  }
  const auto state = pool->state();
  EXPECT_EQ(state.in_use, 0u);
  EXPECT_EQ(state.idle, 1u);
  EXPECT_EQ(state.created, 2u);
  EXPECT_EQ(state.timeouts, 1u);
  EXPECT_EQ(state.waits.count(), 3u);
  EXPECT_EQ(state.waits.counts[0], 3u);  // up to a millisecond
  EXPECT_EQ(state.waits.sum, 1ms);
}

TEST_F(PoolTest, AServerThatCannotBeConnectedToIsLeftAloneForAWhile) {
  const auto pool = make(small(5, 0));
  server_.refuses = true;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(pool->take("a"));
    now_ += 1s;
  }
  EXPECT_EQ(attempts_, 5);
  EXPECT_TRUE(pool->state().broken);
  now_ -= 500ms;  // the pause of a second is not over

  const auto refused = pool->take("a");

  EXPECT_EQ(attempts_, 5);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_EQ(refused.error().message, "cannot connect to x: no");
  now_ += 1s;
  EXPECT_FALSE(pool->take("a"));  // the one trial
  EXPECT_EQ(attempts_, 6);
  EXPECT_FALSE(pool->take("a"));
  EXPECT_EQ(attempts_, 6);
  now_ += 2s;
  server_.refuses = false;
  EXPECT_TRUE(pool->take("a"));
  EXPECT_FALSE(pool->state().broken);
  EXPECT_TRUE(pool->take("a"));
}

TEST(BreakerTest, FailuresFarApartDoNotOpenIt) {
  Breaker breaker;
  Instant now{1h};
  for (int i = 0; i < 20; ++i, now += 4s) {
    EXPECT_FALSE(breaker.keep_away(now));
    breaker.failed(now);
  }
  EXPECT_FALSE(breaker.is_open());
}

TEST(BreakerTest, ThePauseDoublesUpToThirtySeconds) {
  Breaker breaker;
  Instant now{1h};
  for (int i = 0; i < 5; ++i) breaker.failed(now);
  std::vector<Duration> pauses;
  for (int i = 0; i < 7; ++i) {
    const auto pause = breaker.keep_away(now);
    ASSERT_TRUE(pause);
    pauses.push_back(*pause);
    now += *pause;
    EXPECT_FALSE(breaker.keep_away(now));                 // one is let through
    EXPECT_EQ(breaker.keep_away(now), Duration::zero());  // and no other
    breaker.failed(now);
  }
  EXPECT_THAT(pauses, testing::ElementsAre(1s, 2s, 4s, 8s, 16s, 30s, 30s));
  breaker.succeeded();
  EXPECT_FALSE(breaker.keep_away(now));
}

}  // namespace
}  // namespace unity::db
